using System.Runtime.InteropServices;
using ModelCompiler.Onnx;

namespace ModelCompiler.Optimizer.Passes.Cleanup;

/// <summary>Whether attributes and tensors say the same, bit for bit: −0 is not 0, and a NaN is itself.</summary>
internal static class AttributeContent
{
    private const int PieceBytes = 64 << 10;

    /// <summary>Attributes of kinds that no operator computes with (graphs, types, sparse tensors) are never the same.</summary>
    public static bool AreSame(NodeAttribute left, NodeAttribute right)
    {
        if (left.Kind != right.Kind || left.Reference is not null || right.Reference is not null) return false;
        return left.Kind switch
        {
            AttributeKind.Int => left.Int == right.Int,
            AttributeKind.Float => Bits(left.Float) == Bits(right.Float),
            AttributeKind.String => left.StringBytes.SequenceEqual(right.StringBytes),
            AttributeKind.Ints => left.Ints.SequenceEqual(right.Ints),
            AttributeKind.Floats => MemoryMarshal.AsBytes(left.Floats).SequenceEqual(MemoryMarshal.AsBytes(right.Floats)),
            AttributeKind.Strings => left.Strings.SequenceEqual(right.Strings, StringComparer.Ordinal),
            AttributeKind.Tensor => AreSame(left.Tensor, right.Tensor),
            _ => false,
        };
    }

    /// <summary>Whether two constants are the same in type, dimensions and content.</summary>
    public static bool AreSame(Tensor left, Tensor right)
    {
        if (left.ElementType != right.ElementType || !left.Dims.SequenceEqual(right.Dims)) return false;
        if (left.ElementType != ElementType.String) return AreSame(left.Data, right.Data);
        for (int i = 0; i < left.StringData.Length; i++)
            if (!left.StringData[i].Span.SequenceEqual(right.StringData[i].Span)) return false;
        return true;
    }

    /// <summary>Piece by piece: large constants may lie in a file.</summary>
    private static bool AreSame(TensorData left, TensorData right)
    {
        if (ReferenceEquals(left, right)) return true;
        byte[] buffer = new byte[2 * Math.Min(left.Length, PieceBytes)];
        for (long start = 0; start < left.Length; start += PieceBytes)
        {
            int length = (int)Math.Min(PieceBytes, left.Length - start);
            Span<byte> a = buffer.AsSpan(0, length), b = buffer.AsSpan(length, length);
            left.Read(start, a);
            right.Read(start, b);
            if (!a.SequenceEqual(b)) return false;
        }
        return true;
    }

    private static int Bits(float value) => BitConverter.SingleToInt32Bits(value);
}
