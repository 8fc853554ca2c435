using System.Diagnostics;
using System.Runtime.InteropServices;

namespace ModelCompiler.Runtime;

/// <summary>A tensor in the memory of the program: element type, shape and elements in row-major order.</summary>
[DebuggerDisplay("{ToString(),nq}")]
public sealed class TensorBuffer
{
    private readonly long[] _shape;
    private readonly string[]? _strings;

    private TensorBuffer(TensorElementType elementType, ReadOnlySpan<long> shape, long length, Memory<byte> bytes, string[]? strings)
    {
        ElementType = elementType;
        _shape = shape.ToArray();
        Length = length;
        Memory = bytes;
        _strings = strings;
    }

    /// <summary>The type of the elements.</summary>
    public TensorElementType ElementType { get; }

    /// <summary>The dimensions; empty for rank 0.</summary>
    public ReadOnlySpan<long> Shape => _shape;

    /// <summary>The number of elements.</summary>
    public long Length { get; }

    /// <summary>The bytes of the elements, in the machine's order; 4-bit elements are packed. Empty for strings.</summary>
    public Memory<byte> Memory { get; }

    /// <inheritdoc cref="Memory"/>
    public Span<byte> Bytes => Memory.Span;

    /// <summary>The elements of a tensor of strings.</summary>
    /// <exception cref="InvalidOperationException">The elements are no strings.</exception>
    public string[] Strings => _strings ?? throw new InvalidOperationException($"The elements are {ElementType.Name()}, not strings.");

    /// <summary>A tensor over an array, which it shares.</summary>
    /// <exception cref="ArgumentException">The shape has another number of elements, or no element type matches.</exception>
    public static TensorBuffer Create<T>(ReadOnlySpan<long> shape, T[] data)
        where T : unmanaged => Create(shape, data.AsMemory());

    /// <summary>A tensor over memory, which it shares.</summary>
    /// <exception cref="ArgumentException">The shape has another number of elements, or no element type matches.</exception>
    public static TensorBuffer Create<T>(ReadOnlySpan<long> shape, Memory<T> data)
        where T : unmanaged
    {
        var type = ElementTypes.Of<T>();
        if (type == TensorElementType.Undefined)
        {
            throw new ArgumentException($"No tensor has elements of type {typeof(T)}.", nameof(data));
        }

        long count = CheckCount(shape, data.Length);
        var bytes = data is Memory<byte> same ? same : new CastMemory<T>(data).Memory;
        return new TensorBuffer(type, shape, count, bytes, null);
    }

    /// <summary>A tensor of strings over an array, which it shares.</summary>
    /// <exception cref="ArgumentException">The shape has another number of elements, or a string is null.</exception>
    public static TensorBuffer Create(ReadOnlySpan<long> shape, string[] data)
    {
        ArgumentNullException.ThrowIfNull(data);
        if (Array.IndexOf(data, null) is >= 0 and var index)
        {
            throw new ArgumentException($"Element {index} is null; tensors hold strings, empty ones at least.", nameof(data));
        }

        return new TensorBuffer(TensorElementType.String, shape, CheckCount(shape, data.Length), default, data);
    }

    /// <summary>A tensor of any type but strings over its bytes, which it shares.</summary>
    /// <exception cref="ArgumentException">The shape needs another number of bytes, or the type has no fixed size.</exception>
    public static TensorBuffer Create(TensorElementType elementType, ReadOnlySpan<long> shape, Memory<byte> bytes)
    {
        CheckHasSize(elementType);
        long count = TensorShape.Count(shape);
        return elementType.ByteSize(count) == bytes.Length
            ? new TensorBuffer(elementType, shape, count, bytes, null)
            : throw new ArgumentException(
                $"{elementType.Name()}{TensorShape.Text(shape)} takes {elementType.ByteSize(count)} bytes, got {bytes.Length}.", nameof(bytes));
    }

    /// <summary>A tensor of zeros of any type but strings.</summary>
    /// <exception cref="ArgumentException">The type has no fixed size, or the tensor is larger than an array can be.</exception>
    public static TensorBuffer Create(TensorElementType elementType, ReadOnlySpan<long> shape)
    {
        CheckHasSize(elementType);
        long size = elementType.ByteSize(TensorShape.Count(shape));
        return size <= Array.MaxLength
            ? Create(elementType, shape, new byte[size])
            : throw new ArgumentException($"{elementType.Name()}{TensorShape.Text(shape)} takes {size} bytes; at most {Array.MaxLength} fit.", nameof(shape));
    }

    /// <summary>The elements, in place; bytes show 4-bit elements (packed) and 8-bit floats, which have no type in .NET.</summary>
    /// <exception cref="InvalidOperationException"><typeparamref name="T"/> is not the element type's .NET type.</exception>
    public Span<T> AsSpan<T>()
        where T : unmanaged => ElementTypes.Holds<T>(ElementType)
            ? MemoryMarshal.Cast<byte, T>(Bytes)
            : throw new InvalidOperationException($"The elements are {ElementType.Name()}, not {typeof(T).Name}.");

    /// <inheritdoc/>
    public override string ToString() => ElementType.Name() + TensorShape.Text(_shape);

    private static void CheckHasSize(TensorElementType elementType)
    {
        if (elementType.BitWidth() == 0)
        {
            throw new ArgumentException($"Elements of type {elementType.Name()} have no fixed size.", nameof(elementType));
        }
    }

    private static long CheckCount(ReadOnlySpan<long> shape, int length)
    {
        long count = TensorShape.Count(shape);
        return count == length
            ? count
            : throw new ArgumentException($"The shape {TensorShape.Text(shape)} has {count} elements, got {length}.", nameof(shape));
    }
}
