using ModelCompiler.Onnx;

namespace ModelCompiler.Optimizer.Passes.Fusion.Matching;

/// <summary>What the operator that computes a value says about its range.</summary>
internal static class ValueBounds
{
    /// <summary>Whether no element is below zero (it may be NaN).</summary>
    public static bool IsNonNegative(Value value) => value.Producer is { Domain: "" } node && node.OpType switch
    {
        "Relu" or "Sigmoid" or "HardSigmoid" or "Softmax" or "Abs" or "Exp" or "Sqrt" or "Softplus" => true,
        "Clip" => (node.Attributes.Find("min")?.Float ?? Constants.Number(node.Input(1))) >= 0,
        "MaxPool" or "AveragePool" or "Identity" or "Reshape" or "Transpose" => IsNonNegative(node.Inputs[0]!),
        _ => false,
    };
}
