using System.Runtime.InteropServices;

namespace ModelCompiler.Runtime.Native;

/// <summary>Native memory that grows when more is needed and never moves otherwise. Its owner frees it.</summary>
/// <param name="allocator">Where it comes from; null for plain memory.</param>
internal unsafe struct NativeBuffer(HostAllocator? allocator)
{
    // A cache line, which also satisfies the widest vector load.
    private const int Alignment = 64;

    private nuint _capacity;

    public byte* Pointer { get; private set; }

    /// <summary>Makes room for <paramref name="bytes"/>, zeroed where it is new. Contents are lost when it grows.</summary>
    public void Ensure(nuint bytes)
    {
        if (Pointer is not null && bytes <= _capacity)
        {
            return;
        }

        Free();
        nuint capacity = Math.Max(bytes, 1);
        Pointer = allocator is null ? (byte*)NativeMemory.AlignedAlloc(capacity, Alignment) : allocator.Allocate(capacity);
        NativeMemory.Clear(Pointer, capacity);
        _capacity = capacity;
    }

    public void Free()
    {
        if (Pointer is not null && allocator is not null)
        {
            allocator.Free(Pointer);
        }
        else
        {
            NativeMemory.AlignedFree(Pointer);
        }

        Pointer = null;
        _capacity = 0;
    }
}
