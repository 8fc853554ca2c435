using ModelCompiler.Diagnostics;

namespace ModelCompiler.Onnx;

/// <summary>
/// A part of a file, read when it is asked for and dropped when memory is short. Not a memory mapping: the pages of one count as the memory of the
/// process, and a mapped file that is cut short kills it.
/// </summary>
internal sealed class FileData(ExternalFile file, long offset, long length) : TensorData
{
    private readonly WeakReference<byte[]> _bytes = new(null!);

    /// <summary>The full path of the file.</summary>
    public string Path => file.Path;

    public override long Length => length;

    public override bool IsInFile => true;

    public override ReadOnlyMemory<byte> Memory
    {
        get
        {
            if (_bytes.TryGetTarget(out byte[]? bytes)) return bytes;
            if (length > Array.MaxLength) throw new CompilerException(DiagnosticTable.ModelTooLarge, $"a tensor of {length} bytes would have to be held in memory, where {Array.MaxLength} fit");
            bytes = GC.AllocateUninitializedArray<byte>((int)length);
            Read(0, bytes);
            _bytes.SetTarget(bytes);
            return bytes;
        }
    }

    public override void Read(long start, Span<byte> destination)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(destination.Length, length - start);
        file.Read(offset + start, destination);
    }
}
