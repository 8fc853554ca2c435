using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes.Fusion.Affine;

namespace ModelCompiler.Optimizer.Quantization.Equalization;

/// <summary>
/// A value between what computes it channel by channel (a product, or the scale of a LayerNormalization) and the products that read it, with
/// nothing in between but functions for which f(s·x) = s·f(x), s &gt; 0: a factor for each channel put in before is taken out behind it.
/// </summary>
internal sealed class ChannelLink
{
    private readonly LinearLayer? _layer;
    private readonly Node? _normalization;

    private ChannelLink(Value value, LinearLayer? layer, Node? normalization, IReadOnlyList<LinearLayer> readers)
    {
        Value = value;
        _layer = layer;
        _normalization = normalization;
        Readers = readers;
    }

    /// <summary>What the products read.</summary>
    public Value Value { get; }

    /// <summary>The products.</summary>
    public IReadOnlyList<LinearLayer> Readers { get; }

    /// <summary>Where the channels of <see cref="Value"/> lie.</summary>
    public ChannelAxis Channels => Readers[0].InputChannels;

    /// <summary>The link that ends in a value; null where there is none.</summary>
    public static ChannelLink? EndingAt(Value value)
    {
        if (value.IsOutput || value.Uses.Count == 0 || value.Producer is null) return null;
        var readers = new List<LinearLayer>();
        foreach (Use use in value.Uses)
        {
            if (use.Index != 0 || use.Node.Graph != value.Producer.Graph || !LinearLayer.IsProduct(use.Node) || LinearLayer.Read(use.Node, null, out _) is not { Weights.ElementType: ElementType.Float } reader) return null;
            readers.Add(reader);
        }
        if (readers.Exists(reader => reader.InputChannels != readers[0].InputChannels)) return null;
        Value source = value;
        while (IsHomogeneous(source.Producer!))
        {
            source = source.Producer!.Inputs[0]!;
            if (source.Producer is null || !source.HasSingleUse || source.IsOutput) return null;
        }
        int channels = readers[0].InputChannels.Channels;
        if (source.Producer!.Is("LayerNormalization")) return IsScaled(source.Producer, channels) ? new ChannelLink(value, null, source.Producer, readers) : null;
        if (LinearLayer.ProductBehind(source) is not { } product || LinearLayer.Read(product, source, out _) is not { Weights.ElementType: ElementType.Float } layer || !ReferenceEquals(layer.Output, source)) return null;
        bool isPrivate = ReferenceEquals(product.Outputs[0], source) || product.Outputs[0].HasSingleUse;
        return isPrivate && layer.OutputChannels.Channels == channels ? new ChannelLink(value, layer, null, readers) : null;
    }

    /// <summary>The value and what it is computed from, as far as its channels have the same factors.</summary>
    public IEnumerable<Value> Tensors
    {
        get
        {
            Value tensor = Value;
            yield return tensor;
            while (!ReferenceEquals(tensor.Producer, _normalization) && !ReferenceEquals(tensor.Producer, _layer?.Product))
            {
                // Through functions of the value alone, and the Add of a bias.
                tensor = ReferenceEquals(tensor, _layer?.Output) ? _layer.Product.Outputs[0] : tensor.Producer!.Inputs[0]!;
                yield return tensor;
            }
        }
    }

    /// <summary>The largest weight that meets each channel, over all readers.</summary>
    public double[] LargestWeights()
    {
        var largest = new double[Channels.Channels];
        foreach (LinearLayer reader in Readers)
        {
            WeightLayout layout = reader.Layout;
            ReadOnlySpan<float> weights = reader.Weights.AsSpan<float>();
            for (int i = 0; i < weights.Length; i++)
            {
                int position = i / layout.Inner, channel = layout.Input(position / layout.Columns % layout.Rows, position % layout.Columns);
                largest[channel] = Math.Max(largest[channel], Math.Abs(weights[i]));
            }
        }
        return largest;
    }

    /// <summary>Divides the channels of the value by <paramref name="scales"/>, and multiplies the weights that meet them.</summary>
    public void Divide(double[] scales)
    {
        var zeros = new double[scales.Length];
        double[] inverse = Array.ConvertAll(scales, s => 1 / s);
        if (_layer is not null) _layer.AppendToOutput(new ChannelAffine(inverse, zeros));
        else Scale(_normalization!, inverse);
        foreach (LinearLayer reader in Readers)
        {
            // One after the other may change the same node's weights: each reads them anew.
            LinearLayer current = LinearLayer.Read(reader.Product, null, out _)!;
            current.PrependToInput(new ChannelAffine(scales, zeros));
        }
    }

    private static bool IsHomogeneous(Node node) => node.Domain.Length == 0 && node.OpType is "Relu" or "LeakyRelu" or "MaxPool" or "AveragePool" or "GlobalAveragePool" && node.Outputs.Length == 1;

    private static bool IsScaled(Node normalization, int channels) =>
        normalization.Constant(1) is { ElementType: ElementType.Float } scale && scale.ElementCount == channels
        && (normalization.Input(2) is null || normalization.Constant(2) is { ElementType: ElementType.Float } bias && bias.ElementCount == channels);

    private static void Scale(Node normalization, double[] factors)
    {
        for (int i = 1; i <= 2; i++)
        {
            if (normalization.Constant(i) is not { } constant) continue;
            float[] scaled = [.. constant.AsSpan<float>().ToArray().Select((x, c) => (float)(x * factors[c]))];
            normalization.SetInput(i, normalization.Graph.AddInitializer(normalization.Inputs[i]!.Name, Tensor.Create<float>(scaled, constant.Dims)));
        }
    }
}
