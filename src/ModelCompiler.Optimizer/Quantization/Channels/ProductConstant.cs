using ModelCompiler.Onnx;

namespace ModelCompiler.Optimizer.Quantization.Channels;

/// <summary>Weights, a bias or another constant operand, in floating point or as integers behind DequantizeLinear, that can be made wider by zeros.</summary>
internal static class ProductConstant
{
    private const int Data = 0, Scale = 1, ZeroPoint = 2;

    /// <summary>The numbers, or the integers that stand for them; null where the input is not constant, shared, or its zero is not the integer 0.</summary>
    public static Tensor? Of(Node node, int input)
    {
        if (node.Input(input) is not { } value) return null;
        if (value.Initializer is { } tensor) return tensor;
        if (value.Producer is not { } dequantize || !dequantize.Is("DequantizeLinear") || !value.HasSingleUse) return null;
        bool isSymmetric = dequantize.Input(ZeroPoint) is null || (dequantize.Constant(ZeroPoint) is { } zeros && !zeros.Bytes.ContainsAnyExcept((byte)0));
        return isSymmetric && dequantize.Constant(Scale) is not null ? dequantize.Constant(Data) : null;
    }

    /// <summary>Puts zeros behind the end of an axis of what <see cref="Of"/> found.</summary>
    public static void Widen(Node node, int input, int axis, long size)
    {
        Value value = node.Inputs[input]!;
        if (value.Initializer is not null)
        {
            Widen(node, input, axis, size, repeatsFirst: false);
            return;
        }
        Node dequantize = value.Producer!;
        if (IsPerChannel(dequantize, axis))
        {
            // A channel of zeros has no scale of its own. The first one's keeps that of a bias the product of those of input and weights, which is asked for
            // where the convolution is fused.
            Widen(dequantize, Scale, 0, size, repeatsFirst: true);
            if (dequantize.Input(ZeroPoint) is not null) Widen(dequantize, ZeroPoint, 0, size, repeatsFirst: false);
        }
        Widen(dequantize, Data, axis, size, repeatsFirst: false);
        if (value.TensorType is { Shape: { } shape } type) value.Type = type with { Shape = shape.With(axis, size) };
    }

    private static bool IsPerChannel(Node dequantize, int axis) =>
        dequantize.Constant(Scale) is { ElementCount: > 1 } && dequantize.Attributes.GetInt("axis", 1) == axis;

    private static void Widen(Node node, int input, int axis, long size, bool repeatsFirst)
    {
        Value value = node.Inputs[input]!;
        node.SetInput(input, value.Graph.AddInitializer(value.Name, Widened(value.Initializer!, axis, size, repeatsFirst)));
    }

    private static Tensor Widened(Tensor tensor, int axis, long size, bool repeatsFirst)
    {
        long[] dims = tensor.Dims.ToArray();
        int inner = (int)tensor.ElementType.ByteSize(1);
        foreach (long dim in dims.AsSpan(axis + 1)) inner *= (int)dim;
        int before = (int)dims[axis] * inner, after = (int)size * inner;
        ReadOnlySpan<byte> source = tensor.Bytes;
        var bytes = new byte[source.Length / before * after];
        if (repeatsFirst)
            for (int i = 0; i < bytes.Length; i += inner) source[..inner].CopyTo(bytes.AsSpan(i));
        for (int row = 0; row < source.Length / before; row++) source.Slice(row * before, before).CopyTo(bytes.AsSpan(row * after));
        dims[axis] = size;
        return new Tensor(tensor.ElementType, dims, bytes);
    }
}
