using System.Runtime.InteropServices;

namespace ModelCompiler.Onnx.Inference;

/// <summary>Reads the elements that shapes are computed from: those of small tensors.</summary>
internal static class TensorElements
{
    /// <summary>A tensor of more elements than this is data, not a shape, a slice or a list of axes.</summary>
    public const int MaxCount = 256;

    // Floats take part in shape arithmetic as scale factors of a few dimensions.
    private const int MaxFloatCount = 16;

    /// <summary>The elements of a value as far as they are known, or null.</summary>
    public static IntegerExpression[]? Of(Value value) => value.Initializer is { } tensor ? Of(tensor) : value.Elements;

    /// <summary>The elements of a small tensor of integers or integral floats, or null.</summary>
    public static IntegerExpression[]? Of(Tensor tensor)
    {
        if (tensor.ElementCount > MaxCount) return null;
        return tensor.ElementType switch
        {
            ElementType.Int64 => Convert<long>(tensor, x => x),
            ElementType.Int32 => Convert<int>(tensor, x => x),
            ElementType.Bool => Convert<bool>(tensor, x => x ? 1 : 0),
            ElementType.UInt8 => Convert<byte>(tensor, x => x),
            ElementType.Int8 => Convert<sbyte>(tensor, x => x),
            ElementType.UInt16 => Convert<ushort>(tensor, x => x),
            ElementType.Int16 => Convert<short>(tensor, x => x),
            ElementType.UInt32 => Convert<uint>(tensor, x => x),
            ElementType.UInt64 => Convert<ulong>(tensor, x => x <= long.MaxValue ? (long)x : null),
            ElementType.Float when tensor.ElementCount <= MaxFloatCount => Convert<float>(tensor, x => Integral(x)),
            ElementType.Double when tensor.ElementCount <= MaxFloatCount => Convert<double>(tensor, Integral),
            ElementType.Float16 when tensor.ElementCount <= MaxFloatCount => Convert<Half>(tensor, x => Integral((double)x)),
            _ => null,
        };
    }

    /// <summary>The numbers of a constant float tensor, or null.</summary>
    public static double[]? Floats(Tensor? tensor) => tensor?.ElementType switch
    {
        ElementType.Float => Array.ConvertAll(tensor.AsSpan<float>().ToArray(), x => (double)x),
        ElementType.Double => tensor.AsSpan<double>().ToArray(),
        ElementType.Float16 => Array.ConvertAll(tensor.AsSpan<Half>().ToArray(), x => (double)x),
        _ => null,
    };

    /// <summary>Whether elements of that type, in that number, are worth following.</summary>
    public static bool IsFollowed(ElementType type, int count) => count <= (type.IsFloatingPoint() ? MaxFloatCount : MaxCount);

    /// <summary>The element as the type holds it: what would wrap around or be rounded is unknown.</summary>
    public static IntegerExpression In(ElementType type, IntegerExpression element)
    {
        (long low, long high) = Range(type);
        if (element.ValueOrNull is { } number) return number >= low && number <= high ? element : IntegerExpression.Unknown;
        // Dimensions are far from the ends of signed types.
        return low == 0 && ExpressionBounds.Lower(element) is not >= 0 ? IntegerExpression.Unknown : element;
    }

    private static (long Low, long High) Range(ElementType type) => type switch
    {
        ElementType.Bool => (0, 1),
        ElementType.UInt8 => (0, byte.MaxValue),
        ElementType.UInt16 => (0, ushort.MaxValue),
        ElementType.UInt32 => (0, uint.MaxValue),
        ElementType.UInt64 => (0, long.MaxValue),
        ElementType.Int8 => (sbyte.MinValue, sbyte.MaxValue),
        ElementType.Int16 => (short.MinValue, short.MaxValue),
        ElementType.Int32 => (int.MinValue, int.MaxValue),
        ElementType.Int64 => (long.MinValue, long.MaxValue),
        // Integers are exact in floats up to the width of the mantissa.
        ElementType.Double => (-(1L << 53), 1L << 53),
        ElementType.Float => (-(1L << 24), 1L << 24),
        ElementType.Float16 => (-(1L << 11), 1L << 11),
        _ => (1, 0),
    };

    private static long? Integral(double value) => Math.Abs(value) <= 1L << 53 && Math.Floor(value) == value ? (long)value : null;

    private static IntegerExpression[] Convert<T>(Tensor tensor, Func<T, long?> convert) where T : unmanaged
    {
        ReadOnlySpan<T> values = MemoryMarshal.Cast<byte, T>(tensor.Bytes);
        var result = new IntegerExpression[values.Length];
        for (int i = 0; i < result.Length; i++)
            if (convert(values[i]) is { } number) result[i] = number;
        return result;
    }
}
