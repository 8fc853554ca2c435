using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Quantization.Rounding;
using ModelCompiler.Optimizer.Targets;

namespace ModelCompiler.Optimizer.Quantization;

/// <summary>
/// Weights and biases of products as integers. It keeps what it made: recipes differ in few products, and to round by least squares is most of the
/// work of building one.
/// </summary>
/// <param name="target">What saturates.</param>
/// <param name="grams">What meets the weights of products, by the names of their outputs, when it is asked for; null, or a product without, to round to the nearest.</param>
internal sealed class ProductQuantizer(TargetProfile target, Func<IReadOnlyDictionary<string, InputGram>>? grams = null)
{
    // Half of int32: the accumulator needs the other half.
    private const float LargestBias = 1 << 30;

    private readonly Dictionary<(string Product, float InputScale, float RoundingScale), (QuantizedWeights, float[]?)> _known = [];

    /// <summary>The step of what meets weights first in the model that is being built: towers that share them round them alike, so that they go on to.</summary>
    private readonly Dictionary<Tensor, float> _firstScales = new(ReferenceEqualityComparer.Instance);

    /// <summary>What saturation allows, which hangs on the weights alone.</summary>
    private readonly Dictionary<string, float[]> _smallestScales = [];

    /// <summary>Whether the target takes a scale for each output channel of such a node.</summary>
    public bool IsPerChannel(Node node) => target.Layout.PerChannelWeights.Contains(node.OpType);

    /// <summary>Another model is built.</summary>
    public void Restart() => _firstScales.Clear();

    /// <summary>The weights of a product, and its bias as real numbers, if it has one.</summary>
    /// <param name="node">Of the model, or of a copy whose nodes have the same names and weights.</param>
    /// <param name="inputScale">The step of what meets the weights.</param>
    public (QuantizedWeights Weights, float[]? Bias) Quantize(Node node, float inputScale)
    {
        if (!_firstScales.TryGetValue(node.Constant(1)!, out float roundingScale)) _firstScales.Add(node.Constant(1)!, roundingScale = inputScale);
        var key = (node.Outputs[0].Name, inputScale, roundingScale);
        if (!_known.TryGetValue(key, out (QuantizedWeights, float[]?) known)) _known.Add(key, known = Make(node, inputScale, roundingScale));
        return known;
    }

    private float[] SmallestScales(Node node, ProductParameters parameters)
    {
        string product = node.Outputs[0].Name;
        if (!_smallestScales.TryGetValue(product, out float[]? known)) _smallestScales.Add(product, known = PairSaturation.SmallestScales(node, parameters));
        return known;
    }

    private (QuantizedWeights, float[]?) Make(Node node, float inputScale, float roundingScale)
    {
        ProductParameters parameters = ProductParameters.Of(node);
        float[] smallest = target.SaturatesPairs ? [.. SmallestScales(node, parameters)] : new float[parameters.Channels];
        for (int c = 0; c < smallest.Length && parameters.Bias is not null && target.Layout.QuantizesBias; c++)
            smallest[c] = MathF.Max(smallest[c], MathF.Abs(parameters.Bias[c]) / inputScale / LargestBias);
        if (!IsPerChannel(node)) Array.Fill(smallest, Math.Max(smallest.Max(), WeightQuantizer.Quantize(parameters.Weights, parameters.Axis, smallest).Scales.Max()));
        QuantizedWeights weights = WeightQuantizer.Quantize(parameters.Weights, parameters.Axis, smallest);
        if (grams?.Invoke().GetValueOrDefault(node.Outputs[0].Name) is not { } gram) return (weights, parameters.Bias);
        weights = ChannelRounding.Improve(parameters, weights, gram, isCentered: parameters.Bias is not null, noise: roundingScale * roundingScale / 12.0);
        if (parameters.Bias is { } bias) ChannelRounding.CorrectBias(bias, parameters, weights, gram);
        return (weights, parameters.Bias);
    }
}
