using ModelCompiler.Onnx;

namespace ModelCompiler.Optimizer.Quantization;

/// <summary>A multiplication or division by one positive number: s · (q − z) · c = (s · c) · (q − z), so that the integers stay and the scale takes it.</summary>
internal static class ConstantFactor
{
    /// <summary>The factor; null where the node is no such thing.</summary>
    public static float? Of(Node node)
    {
        if (node.Is("Mul")) return Positive(node.Constant(1)) ?? Positive(node.Constant(0));
        return node.Is("Div") && Positive(node.Constant(1)) is { } divisor ? 1 / divisor : null;
    }

    private static float? Positive(Tensor? constant)
    {
        // A constant of more dimensions than the data would give the result more.
        if (constant is not { ElementType: ElementType.Float, ElementCount: 1, Rank: <= 1 }) return null;
        float factor = constant.AsSpan<float>()[0];
        return factor is > 1e-6f and < 1e6f ? factor : null;
    }
}
