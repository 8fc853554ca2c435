using System.Runtime.InteropServices;
using ModelCompiler.Onnx;

namespace ModelCompiler.Optimizer.Passes;

/// <summary>Constants that are one number throughout.</summary>
internal static class UniformConstant
{
    private const int HeadBytes = 64;

    /// <summary>The number that every element is, bit for bit (−0 is not 0, NaN is NaN); null where they differ, there is none, or the type is no number.</summary>
    public static double? Uniform(this Tensor? tensor)
    {
        if (tensor is null || tensor.ElementCount == 0) return null;
        int size = tensor.ElementType.BitWidth() / 8;
        if (size == 0) return null;
        // Most differ soon, and need not be loaded to see it.
        Span<byte> head = stackalloc byte[(int)Math.Min(tensor.Data.Length, HeadBytes)];
        tensor.Data.Read(0, head);
        return IsUniform(head, size) && First(tensor) is { } first && IsUniform(tensor.Bytes, size) ? first : null;
    }

    /// <summary>All elements equal the one before them: the bytes equal themselves, shifted by an element.</summary>
    private static bool IsUniform(ReadOnlySpan<byte> bytes, int size) => bytes[size..].SequenceEqual(bytes[..^size]);

    /// <summary>A tensor of one element of that type, of rank 0, if the number can be held exactly.</summary>
    public static Tensor? Scalar(ElementType type, double value) => type switch
    {
        ElementType.Float when (float)value is var v && v.Equals((float)value) && ((double)v).Equals(value) => Tensor.Scalar(v),
        ElementType.Double => Tensor.Scalar(value),
        ElementType.Float16 when ((double)(Half)value).Equals(value) => Tensor.Scalar((Half)value),
        ElementType.Int8 when value is >= sbyte.MinValue and <= sbyte.MaxValue => Tensor.Scalar((sbyte)value),
        ElementType.UInt8 when value is >= byte.MinValue and <= byte.MaxValue => Tensor.Scalar((byte)value),
        ElementType.Int32 when value is >= int.MinValue and <= int.MaxValue => Tensor.Scalar((int)value),
        ElementType.Int64 when Math.Abs(value) <= 1L << 53 => Tensor.Scalar((long)value),
        _ => null,
    };

    private static double? First(Tensor tensor) => tensor.ElementType switch
    {
        ElementType.Float => tensor.AsSpan<float>()[0],
        ElementType.Double => tensor.AsSpan<double>()[0],
        ElementType.Float16 => (double)tensor.AsSpan<Half>()[0],
        ElementType.BFloat16 => BitConverter.UInt32BitsToSingle((uint)MemoryMarshal.Read<ushort>(tensor.Bytes) << 16),
        ElementType.Int8 => tensor.AsSpan<sbyte>()[0],
        ElementType.UInt8 => tensor.AsSpan<byte>()[0],
        ElementType.Int16 => tensor.AsSpan<short>()[0],
        ElementType.UInt16 => tensor.AsSpan<ushort>()[0],
        ElementType.Int32 => tensor.AsSpan<int>()[0],
        ElementType.UInt32 => tensor.AsSpan<uint>()[0],
        ElementType.Int64 => tensor.AsSpan<long>()[0],
        ElementType.UInt64 => tensor.AsSpan<ulong>()[0],
        ElementType.Bool => tensor.Bytes[0],
        _ => null,
    };
}
