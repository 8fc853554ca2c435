using ModelCompiler.Onnx;

namespace ModelCompiler.Optimizer.Passes;

/// <summary>
/// Probabilities and other numbers in one tensor, as detectors put scores and boxes side by side: [x, y, width, height, score of each class] for each place.
/// The largest of these is mostly a coordinate, and names nothing.
/// </summary>
internal static class UnlikeParts
{
    private static readonly HashSet<string> Moving =
        ["Identity", "Cast", "Reshape", "Flatten", "Transpose", "Squeeze", "Unsqueeze", "Slice", "Split", "Gather", "Expand", "QuantizeLinear", "DequantizeLinear"];

    /// <summary>Whether a value is put together of both, or of parts the first of which is, as of one for each size of objects.</summary>
    public static bool Make(Value? value)
    {
        while (Moved(value)?.Producer is { OpType: "Concat" } node)
        {
            Value[] parts = [.. node.Inputs.ToArray().OfType<Value>().Where(part => part.Producer is not null)];
            if (parts.Select(AreProbabilities).Distinct().Count() > 1) return true;
            value = parts.FirstOrDefault();
        }
        return false;
    }

    private static bool AreProbabilities(Value? value) => Moved(value)?.Producer is { } node &&
        (node.OpType is "Sigmoid" or "HardSigmoid" or "Softmax" || (node.Is("Mul") && AreProbabilities(node.Input(0)) && AreProbabilities(node.Input(1))));

    /// <summary>Where the numbers come from.</summary>
    private static Value? Moved(Value? value)
    {
        while (value?.Producer is { } node && Moving.Contains(node.OpType)) value = node.Input(0);
        return value;
    }
}
