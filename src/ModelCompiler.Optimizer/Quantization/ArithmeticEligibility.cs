using ModelCompiler.Onnx;

namespace ModelCompiler.Optimizer.Quantization;

/// <summary>Whether an Add, Mul, Concat, pooling or activation node can be fused into an integer kernel.</summary>
internal static class ArithmeticEligibility
{
    /// <summary>Why the node stays in floating point; null when it need not.</summary>
    public static string? Refusal(Node node)
    {
        if (node.Outputs.Length != 1) return "more than one output";
        foreach (Value? input in node.Inputs)
        {
            if (input is null) return "an input is left out";
            if (input.Initializer is { } constant && RefusalOfConstant(constant) is { } reason) return reason;
        }
        return node.OpType switch
        {
            // The integer kernel counts padding in neither way that the attribute means for odd shapes, and has no dilation.
            "AveragePool" when node.Attributes.GetInt("ceil_mode", 0) != 0 => "ceil_mode has no integer kernel",
            "AveragePool" when node.Attributes.GetInts("dilations") is { } d && d.Any(x => x != 1) => "dilation has no integer kernel",
            _ => null,
        };
    }

    private static string? RefusalOfConstant(Tensor constant)
    {
        if (constant.ElementType != ElementType.Float) return $"a constant of {constant.ElementType}";
        if (constant.ElementCount == 0) return "an empty constant";
        foreach (float value in constant.AsSpan<float>())
            if (!float.IsFinite(value)) return "a constant holds NaN or infinity";
        return null;
    }
}
