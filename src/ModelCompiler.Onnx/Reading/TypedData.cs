using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Google.Protobuf.Collections;
using ModelCompiler.Onnx.Protos;

namespace ModelCompiler.Onnx;

/// <summary>The typed fields of a tensor (<c>float_data</c> and the like) as the bytes that <c>raw_data</c> would have.</summary>
internal static class TypedData
{
    /// <summary>The bytes: as many elements as the field that belongs to the type holds.</summary>
    public static byte[] ToBytes(TensorProto proto) => (ElementType)proto.DataType switch
    {
        ElementType.Float or ElementType.Complex64 => Copy(proto.FloatData),
        ElementType.Double or ElementType.Complex128 => Copy(proto.DoubleData),
        ElementType.Int64 => Copy(proto.Int64Data),
        ElementType.UInt64 => Copy(proto.Uint64Data),
        ElementType.UInt32 => Narrow<ulong, uint>(proto.Uint64Data, static v => unchecked((uint)v)),
        ElementType.Int32 => Copy(proto.Int32Data),
        ElementType.Int16 or ElementType.UInt16 or ElementType.Float16 or ElementType.BFloat16 => Narrow<int, ushort>(proto.Int32Data, static v => unchecked((ushort)v)),
        // One byte each; of a type below a byte each number is a byte already packed.
        _ => Narrow<int, byte>(proto.Int32Data, static v => unchecked((byte)v)),
    };

    private static byte[] Copy<T>(RepeatedField<T> field) where T : unmanaged => Narrow<T, T>(field, static v => v);

    private static byte[] Narrow<TFrom, TTo>(RepeatedField<TFrom> field, Func<TFrom, TTo> convert) where TTo : unmanaged
    {
        var bytes = new byte[checked(field.Count * Unsafe.SizeOf<TTo>())];
        Span<TTo> elements = MemoryMarshal.Cast<byte, TTo>(bytes.AsSpan());
        for (int i = 0; i < elements.Length; i++) elements[i] = convert(field[i]);
        return bytes;
    }
}
