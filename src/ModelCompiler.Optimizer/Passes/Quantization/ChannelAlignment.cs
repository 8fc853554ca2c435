using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Quantization.Channels;
using ModelCompiler.Optimizer.Targets;

namespace ModelCompiler.Optimizer.Passes.Quantization;

/// <summary>
/// Adds channels of zeros until the integer convolutions have the numbers of channels that the provider's fast kernels take
/// (<see cref="TargetProfile.Channels"/>). Inside the graph that costs nothing but their arithmetic: filters of zeros make them, and weights of zero
/// meet them. Where a convolution reads the model's input, Pad puts them behind its integers. Every answer stays as it is, to the bit.
/// </summary>
public sealed class ChannelAlignment : RewritePass
{
    /// <summary>Beyond that the zeros cost more than the faster kernel saves.</summary>
    private const int MostGrowth = 2;

    /// <summary>With larger windows of few input channels, the arithmetic on zeros costs more than the buffer of windows, </summary>
    private const long FewTaps = 9;

    /// <summary>unless so many filters share it.</summary>
    private const long ManyFilters = 64;

    /// <inheritdoc/>
    public override string Name => "channel-alignment";

    /// <inheritdoc/>
    protected override bool MayMatch(Node node) => node.Is("Conv");

    /// <inheritdoc/>
    protected override Rewrite Visit(Node node, PassContext context)
    {
        if (context.Target.Channels is not { } blocks || !IsInteger(node)) return Rewrite.None;
        Tensor weights = ProductConstant.Of(node, 1)!;
        if (ChannelSpace.IsDepthwise(node)) return weights.Dims[0] % blocks.Depthwise == 0 ? Rewrite.None : Widen(node.Outputs[0], blocks);
        if (node.Attributes.GetInt("group", 1) != 1) return Rewrite.None;
        Rewrite outputs = IsFull(weights.Dims[0], blocks) ? Rewrite.None : Widen(node.Outputs[0], blocks);
        if (outputs.Change is not null || weights.Dims[1] % blocks.Inputs == 0) return outputs;
        Rewrite inputs = Widen(node.Inputs[0]!, blocks);
        return inputs.Change is null && IsPadWorthwhile(node, weights, blocks) ? Pad(node, weights, blocks) : inputs;
    }

    /// <summary>Whether ONNX Runtime fuses the convolution with the conversions around it.</summary>
    internal static bool IsInteger(Node conv) =>
        conv.Input(0)?.Producer?.Is("DequantizeLinear") == true
        && conv.Input(1)?.Producer?.Is("DequantizeLinear") == true
        && ProductConstant.Of(conv, 1) is { ElementType: ElementType.Int8, Rank: > 2 }
        && conv.Outputs[0].HasSingleUse && conv.Outputs[0].Uses[0].Node.Is("QuantizeLinear");

    /// <summary>Whether the fast kernel makes so many channels.</summary>
    internal static bool IsFull(long outputs, ChannelBlocks blocks) => outputs >= blocks.LeastOutputs && outputs % blocks.Outputs == 0;

    private static Rewrite Widen(Value value, ChannelBlocks blocks)
    {
        (ChannelSpace? space, string? reason) = ChannelSpace.Of(value);
        if (space is null) return Rewrite.Refused(reason!);
        long goal = Goal(space, blocks);
        if (goal == space.Channels) return Rewrite.None;
        if (goal > MostGrowth * space.Channels) return Rewrite.Refused($"{space.Channels} channels are too few to become {goal}");
        space.Widen(goal);
        return Rewrite.Applied($"{space.Channels} channels become {goal}: the faster kernel takes multiples");
    }

    private static long Goal(ChannelSpace space, ChannelBlocks blocks)
    {
        if (space.Depthwise.Any(IsInteger)) return RoundUp(space.Channels, blocks.Depthwise);
        if (space.Makers.Any(IsInteger))
        {
            if (space.Channels >= blocks.LeastOutputs) return RoundUp(space.Channels, blocks.Outputs);
            // Windows of more than one element are as fast on the slower kernel as on the faster one with channels to spare.
            if (space.Makers.Where(IsInteger).All(conv => Taps(ProductConstant.Of(conv, 1)!) == 1)) return blocks.LeastOutputs;
        }
        return space.Readers.Any(IsInteger) ? RoundUp(space.Channels, blocks.Inputs) : space.Channels;
    }

    /// <summary>Pad is fast where the few channels of a picture lie behind each other, and slow inside the graph, where they lie beside each other.</summary>
    private static bool IsPadWorthwhile(Node conv, Tensor weights, ChannelBlocks blocks) =>
        weights.Dims[1] < 2 * blocks.Inputs && conv.Inputs[0]!.Producer!.Inputs[0]!.Producer?.Is("QuantizeLinear") == true
        && IsFull(weights.Dims[0], blocks) && (Taps(weights) <= FewTaps || weights.Dims[0] >= ManyFilters);

    private static Rewrite Pad(Node conv, Tensor weights, ChannelBlocks blocks)
    {
        Graph graph = conv.Graph;
        Node dequantize = conv.Inputs[0]!.Producer!;
        if (dequantize.Constant(1) is not { Rank: 0 } || dequantize.Constant(2) is not { Rank: 0 }) return Rewrite.Refused("its input has a scale for each channel");
        long goal = RoundUp(weights.Dims[1], blocks.Inputs);
        var pads = new long[2 * weights.Rank];
        pads[weights.Rank + 1] = goal - weights.Dims[1];
        Value integers = dequantize.Inputs[0]!;
        Node pad = graph.AddNode("Pad", [integers, graph.AddInitializer("pads", Tensor.Vector<long>(pads)), dequantize.Inputs[2]], name: conv.Name + "_channels", before: conv);
        Node real = graph.AddNode("DequantizeLinear", [pad.Output, dequantize.Inputs[1], dequantize.Inputs[2]], before: conv);
        (pad.Output.Type, real.Output.Type) = (Widened(integers, goal), Widened(conv.Inputs[0]!, goal));
        conv.SetInput(0, real.Output);
        ProductConstant.Widen(conv, 1, 1, goal);
        return Rewrite.Applied($"reads {goal} channels instead of {weights.Dims[1]}: the faster kernel takes multiples");
    }

    private static OnnxType? Widened(Value value, long channels) => value.TensorType is { Shape: { } shape } type ? type with { Shape = shape.With(1, channels) } : value.Type;

    private static long Taps(Tensor weights) => weights.ElementCount / (weights.Dims[0] * weights.Dims[1]);

    private static long RoundUp(long count, int multiple) => (count + multiple - 1) / multiple * multiple;
}
