using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Targets;

namespace ModelCompiler.Optimizer.Quantization.Placement;

/// <summary>
/// Convolutions of floats from outside whose channels are so few that an integer kernel spends its time on addresses, while the one in floating point has
/// a form for pictures: quantized behind them rather than before, everything else stays on integers (<see cref="ChannelBlocks.StemPairs"/>, <see cref="ChannelBlocks.OpenStemPairs"/>).
/// </summary>
internal static class FloatStem
{
    /// <summary>Them and the clamps and pools of averages that go with them, as recipes name nodes.</summary>
    /// <param name="plan">Everything on integers that can be.</param>
    /// <param name="pairs">Input times output channels that it has at most.</param>
    public static IEnumerable<string> Of(QuantizationPlan plan, int pairs)
    {
        foreach (Node node in plan.Forms.Keys.Where(node => node.Is("Conv") && IsStem(node, plan, pairs)))
        {
            yield return node.Output.Name;
            if (plan.AbsorbedClamp(node.Output) is { } clamp) yield return clamp.Output.Name;
            if (OnlyReader(plan.Outgoing(node.Output)) is { } pool && pool.Is("AveragePool")) yield return pool.Output.Name;
        }
    }

    /// <summary>
    /// Whether it reads floats, has few pairs of channels, and hands on to convolutions and their residuals only, or to a pool before them, which then stays in
    /// floating point too (of a maximum by <see cref="Passes.Quantization.FloatPools"/>).
    /// </summary>
    private static bool IsStem(Node conv, QuantizationPlan plan, int pairs) =>
        conv.Constant(1) is { Rank: 4 } weights && weights.Dims[0] * weights.Dims[1] <= pairs
        && conv.Attributes.GetInt("group", 1) == 1 && plan.FormOf(conv.Inputs[0]!.Producer) == IntegerForm.None && plan.HasIntegerUse(conv.Output)
        && Readers(plan.Outgoing(conv.Output)).All(reader => reader.Is("Conv") || reader.Is("Add"));

    private static IEnumerable<Node> Readers(Value value) =>
        (OnlyReader(value) is { OpType: "MaxPool" or "AveragePool" } pool && !pool.Outputs[0].IsOutput ? pool.Outputs[0] : value).Uses.Select(use => use.Node);

    private static Node? OnlyReader(Value value) => value.HasSingleUse ? value.Uses[0].Node : null;
}
