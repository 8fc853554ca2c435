namespace ModelCompiler.Onnx;

/// <summary>Where the elements of a <see cref="Tensor"/> are: in memory, or in a file that is read when it is needed.</summary>
public abstract class TensorData
{
    /// <summary>The number of bytes, or of strings.</summary>
    public abstract long Length { get; }

    /// <summary>Whether the data takes no memory until it is read.</summary>
    public virtual bool IsInFile => false;

    /// <summary>The bytes, all of them in memory. Prefer <see cref="Read"/> for what is read once, front to back.</summary>
    /// <exception cref="InvalidOperationException">The data is strings.</exception>
    /// <exception cref="CompilerException">The data is in a file that cannot be read any more, or too long for memory (2 GiB).</exception>
    public virtual ReadOnlyMemory<byte> Memory => throw new InvalidOperationException("A tensor of strings has no bytes.");

    /// <summary>The strings, each in UTF-8.</summary>
    /// <exception cref="InvalidOperationException">The data is numbers.</exception>
    public virtual ReadOnlySpan<ReadOnlyMemory<byte>> Strings => throw new InvalidOperationException("A tensor of numbers has no strings.");

    /// <summary>Copies the bytes from <paramref name="offset"/> on; <paramref name="destination"/> must fit into the rest. Never loads more than that.</summary>
    /// <exception cref="InvalidOperationException">The data is strings.</exception>
    /// <exception cref="CompilerException">The data is in a file that cannot be read any more.</exception>
    public virtual void Read(long offset, Span<byte> destination) => Memory.Span.Slice(checked((int)offset), destination.Length).CopyTo(destination);

    /// <summary>Data over memory that is not copied.</summary>
    public static TensorData InMemory(ReadOnlyMemory<byte> bytes) => new MemoryData(bytes);

    /// <summary>Data over strings that are not copied.</summary>
    public static TensorData OfStrings(ReadOnlyMemory<byte>[] strings) => new StringsData(strings);

    private sealed class MemoryData(ReadOnlyMemory<byte> bytes) : TensorData
    {
        public override long Length => bytes.Length;

        public override ReadOnlyMemory<byte> Memory => bytes;
    }

    private sealed class StringsData(ReadOnlyMemory<byte>[] strings) : TensorData
    {
        public override long Length => strings.Length;

        public override ReadOnlySpan<ReadOnlyMemory<byte>> Strings => strings;
    }
}
