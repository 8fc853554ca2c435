using System.Buffers;
using System.Runtime.InteropServices;

namespace ModelCompiler.Runtime;

/// <summary>The bytes of a memory of other elements: the same memory, not a copy.</summary>
internal sealed class CastMemory<T>(Memory<T> memory) : MemoryManager<byte>
    where T : unmanaged
{
    public override Span<byte> GetSpan() => MemoryMarshal.AsBytes(memory.Span);

    public override unsafe MemoryHandle Pin(int elementIndex = 0)
    {
        var handle = memory.Pin();
        return new MemoryHandle((byte*)handle.Pointer + elementIndex, default, new Pinned(handle));
    }

    public override void Unpin()
    {
        // Each pin is undone by its own handle.
    }

    protected override void Dispose(bool disposing)
    {
        // The memory is the caller's.
    }

    /// <summary>A <see cref="MemoryHandle"/> is a struct; this lets another one dispose it.</summary>
    private sealed class Pinned(MemoryHandle handle) : IPinnable
    {
        private MemoryHandle _handle = handle;

        public MemoryHandle Pin(int elementIndex) => throw new NotSupportedException();

        public void Unpin() => _handle.Dispose();
    }
}
