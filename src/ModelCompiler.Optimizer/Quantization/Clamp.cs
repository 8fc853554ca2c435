using ModelCompiler.Onnx;

namespace ModelCompiler.Optimizer.Quantization;

/// <summary>The limits of a Relu or Clip with constant limits.</summary>
public readonly record struct Clamp(float Min, float Max)
{
    /// <summary>Whether zero, which every quantized range holds, is inside.</summary>
    public bool ContainsZero => Min <= 0 && Max >= 0;

    /// <summary>The limits of a node, or null where it is no clamp, its limits are not constant, or there is no number between them.</summary>
    public static Clamp? Of(Node node)
    {
        if (node.Is("Relu")) return new Clamp(0, float.PositiveInfinity);
        if (!node.Is("Clip")) return null;
        // Opset 6 had the limits as attributes.
        float? min = Limit(node, 1, "min", float.NegativeInfinity), max = Limit(node, 2, "max", float.PositiveInfinity);
        return min <= max ? new Clamp(min.Value, max.Value) : null;
    }

    private static float? Limit(Node node, int index, string attribute, float absent)
    {
        if (node.Attributes.TryGet(attribute, out NodeAttribute? value)) return value.Float;
        if (node.Input(index) is null) return absent;
        return node.Constant(index) is { ElementType: ElementType.Float, ElementCount: 1 } tensor ? tensor.AsSpan<float>()[0] : null;
    }
}
