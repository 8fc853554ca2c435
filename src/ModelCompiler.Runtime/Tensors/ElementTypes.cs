using System.Numerics;

namespace ModelCompiler.Runtime;

/// <summary>Sizes and .NET types of <see cref="TensorElementType"/>.</summary>
public static class ElementTypes
{
    /// <summary>Bits of one element in memory; 0 for strings, which have no fixed size.</summary>
    public static int BitWidth(this TensorElementType type) => type switch
    {
        TensorElementType.UInt4 or TensorElementType.Int4 or TensorElementType.Float4E2M1 => 4,
        TensorElementType.UInt8 or TensorElementType.Int8 or TensorElementType.Bool => 8,
        TensorElementType.Float8E4M3FN or TensorElementType.Float8E4M3FNUZ => 8,
        TensorElementType.Float8E5M2 or TensorElementType.Float8E5M2FNUZ => 8,
        TensorElementType.UInt16 or TensorElementType.Int16 or TensorElementType.Float16 or TensorElementType.BFloat16 => 16,
        TensorElementType.Float32 or TensorElementType.Int32 or TensorElementType.UInt32 => 32,
        TensorElementType.Float64 or TensorElementType.Int64 or TensorElementType.UInt64 or TensorElementType.Complex64 => 64,
        TensorElementType.Complex128 => 128,
        _ => 0,
    };

    /// <summary>Bytes that <paramref name="count"/> elements take; types below a byte are packed, the last byte padded.</summary>
    /// <exception cref="OverflowException">The size does not fit.</exception>
    public static long ByteSize(this TensorElementType type, long count) => checked(((count * type.BitWidth()) + 7) / 8);

    /// <summary>The element type that a .NET type holds; <see cref="TensorElementType.Undefined"/> when there is none.</summary>
    public static TensorElementType Of<T>()
    {
        if (typeof(T) == typeof(float)) return TensorElementType.Float32;
        if (typeof(T) == typeof(byte)) return TensorElementType.UInt8;
        if (typeof(T) == typeof(sbyte)) return TensorElementType.Int8;
        if (typeof(T) == typeof(long)) return TensorElementType.Int64;
        if (typeof(T) == typeof(int)) return TensorElementType.Int32;
        if (typeof(T) == typeof(Half)) return TensorElementType.Float16;
        if (typeof(T) == typeof(BFloat16)) return TensorElementType.BFloat16;
        if (typeof(T) == typeof(double)) return TensorElementType.Float64;
        if (typeof(T) == typeof(bool)) return TensorElementType.Bool;
        if (typeof(T) == typeof(string)) return TensorElementType.String;
        if (typeof(T) == typeof(ushort)) return TensorElementType.UInt16;
        if (typeof(T) == typeof(short)) return TensorElementType.Int16;
        if (typeof(T) == typeof(uint)) return TensorElementType.UInt32;
        if (typeof(T) == typeof(ulong)) return TensorElementType.UInt64;
        return typeof(T) == typeof(Complex) ? TensorElementType.Complex128 : TensorElementType.Undefined;
    }

    /// <summary>The name as in messages: <c>float32</c>, <c>int8</c>.</summary>
    internal static string Name(this TensorElementType type) => type.ToString().ToLowerInvariant();

    /// <summary>Whether spans of <typeparamref name="T"/> show the elements: their own type, or bytes for types that .NET has none for.</summary>
    internal static bool Holds<T>(TensorElementType type) =>
        Of<T>() == type || (typeof(T) == typeof(byte) && type.BitWidth() is 4 or 8 && type is not (TensorElementType.Int8 or TensorElementType.Bool));

    /// <summary>The length of a span of <typeparamref name="T"/> over <paramref name="count"/> elements, which are packed below a byte.</summary>
    /// <exception cref="OverflowException">No span is that long.</exception>
    internal static int SpanLength<T>(TensorElementType type, long count) =>
        checked((int)(typeof(T) == typeof(byte) && type.BitWidth() < 8 ? type.ByteSize(count) : count));

    /// <exception cref="TensorMismatchException">Spans of <typeparamref name="T"/> do not show the elements.</exception>
    internal static void CheckHolds<T>(string role, TensorInfo info)
    {
        if (info.Kind != ValueKind.Tensor || !Holds<T>(info.ElementType))
        {
            throw new TensorMismatchException(role, info.Name, info.Kind == ValueKind.Tensor ? info.ElementType.Name() : info.ToString(), typeof(T).Name);
        }
    }
}
