using System.Runtime.InteropServices;

namespace ModelCompiler.Onnx;

/// <summary>
/// An immutable constant: element type, dimensions and data. Numbers are little-endian as in <c>raw_data</c>; types below a byte are packed,
/// low bits first. The data may live in memory or in a memory-mapped external file.
/// </summary>
public sealed class Tensor
{
    private readonly long[] _dims;
    private readonly TensorData _data;

    /// <summary>A tensor over data that is not copied.</summary>
    /// <exception cref="ArgumentException">The data is not as long as type and dimensions say.</exception>
    /// <exception cref="OverflowException">The size does not fit in a <see cref="long"/>.</exception>
    public Tensor(ElementType elementType, ReadOnlySpan<long> dims, TensorData data)
    {
        ElementType = elementType;
        _dims = dims.ToArray();
        _data = data;
        ElementCount = CountElements(dims);
        // Of a type that this compiler does not know, neither does it know the size.
        if (elementType != ElementType.String && elementType.BitWidth() == 0) return;
        long expected = elementType == ElementType.String ? ElementCount : elementType.ByteSize(ElementCount);
        if (data.Length != expected)
            throw new ArgumentException($"A tensor of {elementType}{DimsText} has {expected} {(elementType == ElementType.String ? "strings" : "bytes")} of data, got {data.Length}.", nameof(data));
    }

    /// <summary>A tensor over bytes that are not copied.</summary>
    /// <inheritdoc cref="Tensor(ElementType, ReadOnlySpan{long}, TensorData)"/>
    public Tensor(ElementType elementType, ReadOnlySpan<long> dims, ReadOnlyMemory<byte> bytes)
        : this(elementType, dims, TensorData.InMemory(bytes)) { }

    /// <summary>A tensor of a copy of <paramref name="values"/>.</summary>
    /// <exception cref="ArgumentException">The number of values is not the product of the dimensions, or the .NET type has no element type.</exception>
    public static Tensor Create<T>(ReadOnlySpan<T> values, params ReadOnlySpan<long> dims) where T : unmanaged
    {
        ElementType type = ElementTypes.Of<T>();
        if (type == ElementType.Undefined) throw new ArgumentException($"{typeof(T)} is no ONNX element type.", nameof(values));
        return new Tensor(type, dims, MemoryMarshal.AsBytes(values).ToArray());
    }

    /// <summary>A one-dimensional tensor of a copy of <paramref name="values"/>.</summary>
    public static Tensor Vector<T>(params ReadOnlySpan<T> values) where T : unmanaged => Create(values, values.Length);

    /// <summary>A tensor of rank 0.</summary>
    public static Tensor Scalar<T>(T value) where T : unmanaged => Create(new ReadOnlySpan<T>(in value));

    /// <summary>A tensor of strings in UTF-8.</summary>
    public static Tensor Strings(ReadOnlyMemory<byte>[] values, params ReadOnlySpan<long> dims) => new(ElementType.String, dims, TensorData.OfStrings(values));

    /// <summary>The type of the elements.</summary>
    public ElementType ElementType { get; }

    /// <summary>The dimensions; none for a scalar.</summary>
    public ReadOnlySpan<long> Dims => _dims;

    /// <summary>The number of dimensions.</summary>
    public int Rank => _dims.Length;

    /// <summary>The product of the dimensions.</summary>
    public long ElementCount { get; }

    /// <summary>Where the data is.</summary>
    public TensorData Data => _data;

    /// <summary>The bytes of the elements.</summary>
    /// <exception cref="InvalidOperationException">The tensor holds strings.</exception>
    /// <exception cref="CompilerException">The data is in a file that cannot be read any more, or too long for memory (2 GiB).</exception>
    public ReadOnlySpan<byte> Bytes => _data.Memory.Span;

    /// <summary>The strings, each in UTF-8.</summary>
    /// <exception cref="InvalidOperationException">The tensor holds numbers.</exception>
    public ReadOnlySpan<ReadOnlyMemory<byte>> StringData => _data.Strings;

    /// <summary>The type of a value that holds this tensor.</summary>
    public TensorType Type => new(ElementType, Shape.Of(_dims));

    /// <summary>The elements.</summary>
    /// <exception cref="InvalidOperationException"><typeparamref name="T"/> is not the element type.</exception>
    public ReadOnlySpan<T> AsSpan<T>() where T : unmanaged
    {
        if (ElementTypes.Of<T>() != ElementType) throw new InvalidOperationException($"A tensor of {ElementType} cannot be read as {typeof(T).Name}.");
        return MemoryMarshal.Cast<byte, T>(Bytes);
    }

    /// <summary>The same data with other dimensions of the same product.</summary>
    public Tensor Reshaped(params ReadOnlySpan<long> dims) => new(ElementType, dims, _data);

    /// <summary>What the file said of the tensor that this model does not hold (name in an attribute, documentation, unknown fields).</summary>
    internal object? Extras { get; init; }

    /// <inheritdoc/>
    public override string ToString() => ElementType + DimsText;

    private string DimsText => "[" + string.Join(",", _dims) + "]";

    internal static long CountElements(ReadOnlySpan<long> dims)
    {
        long count = 1;
        bool isEmpty = false;
        foreach (long dim in dims)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(dim, nameof(dims));
            isEmpty |= dim == 0;
        }
        if (isEmpty) return 0;
        foreach (long dim in dims) count = checked(count * dim);
        return count;
    }
}
