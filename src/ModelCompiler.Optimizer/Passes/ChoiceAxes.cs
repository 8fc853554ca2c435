using ModelCompiler.Onnx;

namespace ModelCompiler.Optimizer.Passes;

/// <summary>
/// Outputs whose classes do not lie along the last dimension, as they do in most models. A convolution gives the scores of a pixel's classes as channels,
/// [N, C, H, W], and its largest element along W names nothing; nor does that of an embedding, which is what is divided by its own norm or deviation,
/// or of <see cref="UnlikeParts"/>.
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

    /// <summary>What gives features of about one size, as embeddings and hidden states are.</summary>
    private static readonly HashSet<string> Normalizations = ["LayerNormalization", "SkipLayerNormalization", "LpNormalization", "RMSNormalization", "SimplifiedLayerNormalization"];

    /// <summary>What stands between a norm and what it divides.</summary>
    private static readonly HashSet<string> OfNorms = ["Clip", "Expand", "Max", "Add", "Identity", "Cast", "Unsqueeze", "Reshape"];

    private static readonly HashSet<string> Distributions = ["Softmax", "LogSoftmax", "Hardmax"];

    /// <summary>Instead of a dimension: the output is no choice at all.</summary>
    public const int None = -1;

    /// <summary>The dimension by the name of the output, or <see cref="None"/>, where it is known to be another than the last.</summary>
    public static IReadOnlyDictionary<string, int> Of(Graph graph)
    {
        ArgumentNullException.ThrowIfNull(graph);
        var axes = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (Value output in graph.Outputs)
            if ((UnlikeParts.Make(output) ? None : AxisOf(output)) is { } axis) axes.TryAdd(output.Name, axis);
        return axes;
    }

    private static int? AxisOf(Value? value)
    {
        while (value?.Producer is { } node)
        {
            if (Convolutions.Contains(node.OpType)) return 1;
            if (Normalizations.Contains(node.OpType) || (node.Is("Div") && IsNorm(node.Input(1)))) return None;
            // Probabilities lie where they add up to 1.
            if (Distributions.Contains(node.OpType) && node.Attributes.GetInt("axis", -1) is >= 0 and var axis && axis < value.Shape?.Rank) return (int)axis;
            if (node.Is("Transpose")) return AxisOf(node.Input(0)) switch
            {
                >= 0 and var before when Permutation.Of(node) is { } order => Array.IndexOf(order, before),
                None => None,
                _ => null,
            };
            bool isKept = Keeping.Contains(node.OpType) || Distributions.Contains(node.OpType);
            value = isKept ? node.Input(0) : Elementwise.Contains(node.OpType) ? node.Inputs.ToArray().FirstOrDefault(input => input?.Producer is not null) : null;
        }
        return null;
    }

    private static bool IsNorm(Value? value)
    {
        while (value?.Producer is { } node && OfNorms.Contains(node.OpType)) value = node.Inputs.ToArray().FirstOrDefault(input => input?.Producer is not null);
        return value?.Producer is { OpType: "Sqrt" or "ReduceL2" };
    }
}
