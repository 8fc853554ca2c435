using ModelCompiler.Onnx;

namespace ModelCompiler.Optimizer.Passes;

/// <summary>
/// Outputs whose classes do not lie along the last dimension, as they do in most models: a convolution gives the scores of a pixel's classes as channels,
/// [N, C, H, W], and its largest element along W names nothing.
/// </summary>
public static class ChoiceAxes
{
    /// <summary>What has its channels along the second dimension.</summary>
    private static readonly HashSet<string> Convolutions = ["Conv", "ConvTranspose", "QLinearConv", "ConvInteger"];

    /// <summary>What leaves the dimensions of its first input as they are.</summary>
    private static readonly HashSet<string> Keeping =
    [
        "Relu", "LeakyRelu", "PRelu", "Elu", "Sigmoid", "HardSigmoid", "Tanh", "Clip", "Softplus", "Exp", "Log", "Identity", "Cast", "Dropout", "QuantizeLinear", "DequantizeLinear",
        "BatchNormalization", "InstanceNormalization", "Resize", "Upsample", "Pad", "MaxPool", "AveragePool", "DepthToSpace",
    ];

    private static readonly HashSet<string> Elementwise = ["Add", "Sub", "Mul", "Div", "Sum"];

    private static readonly HashSet<string> Distributions = ["Softmax", "LogSoftmax", "Hardmax"];

    /// <summary>The dimension by the name of the output, where it is known to be another than the last.</summary>
    public static IReadOnlyDictionary<string, int> Of(Graph graph)
    {
        ArgumentNullException.ThrowIfNull(graph);
        var axes = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (Value output in graph.Outputs)
            if (AxisOf(output) is { } axis) axes.TryAdd(output.Name, axis);
        return axes;
    }

    private static int? AxisOf(Value? value)
    {
        while (value?.Producer is { } node)
        {
            if (Convolutions.Contains(node.OpType)) return 1;
            // Probabilities lie where they add up to 1.
            if (Distributions.Contains(node.OpType) && node.Attributes.GetInt("axis", -1) is >= 0 and var axis && axis < value.Shape?.Rank) return (int)axis;
            if (node.Is("Transpose")) return AxisOf(node.Input(0)) is { } before && Permutation.Of(node) is { } order ? Array.IndexOf(order, before) : null;
            bool isKept = Keeping.Contains(node.OpType) || Distributions.Contains(node.OpType);
            value = isKept ? node.Input(0) : Elementwise.Contains(node.OpType) ? node.Inputs.ToArray().FirstOrDefault(input => input?.Producer is not null) : null;
        }
        return null;
    }
}
