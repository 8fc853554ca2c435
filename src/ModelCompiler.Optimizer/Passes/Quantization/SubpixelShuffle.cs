using ModelCompiler.Onnx;

namespace ModelCompiler.Optimizer.Passes.Quantization;

/// <summary>
/// DepthToSpace behind a convolution (Shi et al. 2016, "Real-Time Single Image and Video Super-Resolution Using an Efficient Sub-Pixel Convolutional Neural Network") as pixels that move in
/// blocks of all channels (<see cref="PhaseInterleaving"/>). Where channels come before phases, as other frameworks have them, the filters change places. A network that doubles
/// a picture twice spent a fifth of its time on integers in DepthToSpace. Requires one convolution with constant weights in front of it, or a Relu between, and enough channels.
/// </summary>
public sealed class SubpixelShuffle : RewritePass
{
    /// <summary>With fewer channels a block is too small to be worth its address.</summary>
    private const int FewestChannels = 8;

    /// <inheritdoc/>
    public override string Name => "subpixel-shuffle";

    /// <inheritdoc/>
    protected override bool MayMatch(Node node) => node.Is("DepthToSpace");

    /// <inheritdoc/>
    protected override Rewrite Visit(Node node, PassContext context)
    {
        if (!context.Target.IntegerKernels.ContainsKey("Transpose") || context.Target.Channels is null || node.Inputs[0]!.Shape is not { Rank: 4 } shape) return Rewrite.None;
        Value phases = node.Inputs[0]!;
        Node? producer = Alone(phases) is { } direct && direct.Is("Relu") ? Alone(direct.Inputs[0]!) : Alone(phases);
        if (producer is null || !producer.Is("Conv") || producer.Constant(1) is not { ElementType: ElementType.Float } weights || producer.Attributes.GetInt("group", 1) != 1)
            return Rewrite.Refused("no convolution of its own is in front of it");
        if (producer.Input(2) is not null && producer.Constant(2) is not { ElementType: ElementType.Float }) return Rewrite.Refused("the bias in front of it is not constant");
        int block = (int)node.Attributes.GetInt("blocksize", 0), count = block * block, filters = (int)weights.Dims[0];
        if (count == 0 || filters / count < FewestChannels) return Rewrite.Refused("its channels are few");
        if (node.Attributes.GetString("mode", "DCR") != "DCR")
        {
            producer.SetInput(1, producer.Graph.AddInitializer(producer.Inputs[1]!.Name, PhasesFirst(weights, count)));
            if (producer.Constant(2) is { } bias) producer.SetInput(2, producer.Graph.AddInitializer(producer.Inputs[2]!.Name, PhasesFirst(bias, count)));
        }
        PhaseInterleaving.Replace(node, phases, shape, block, block, filters / count);
        return Rewrite.Applied("moves whole pixels: their channels lie beside each other where integers are");
    }

    /// <summary>What computes a value that nobody else reads.</summary>
    private static Node? Alone(Value value) => value.HasSingleUse && !value.IsOutput ? value.Producer : null;

    /// <summary>Filters [channels, phases, …] as [phases, channels, …].</summary>
    private static Tensor PhasesFirst(Tensor filters, int phases)
    {
        ReadOnlySpan<float> from = filters.AsSpan<float>();
        var to = new float[from.Length];
        int channels = (int)filters.Dims[0] / phases, size = from.Length / (channels * phases);
        for (int phase = 0; phase < phases; phase++)
            for (int channel = 0; channel < channels; channel++)
                from.Slice(((channel * phases) + phase) * size, size).CopyTo(to.AsSpan(((phase * channels) + channel) * size));
        return Tensor.Create<float>(to, filters.Dims);
    }
}
