using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Quantization;

namespace ModelCompiler.Optimizer.Passes.Quantization;

/// <summary>
/// softmax(s + M) and softmax(where(c, s, M)) with a constant mask of −10⁹ or so: M becomes −F, for which e^(s − F − max s) is still a normal number. Below, ONNX Runtime's
/// softmax gives subnormal ones, which slow it down and the product behind it: four layers of a decoder (64 tokens, 256 wide) took 0.85 of the time on integers so that took 1.05
/// of another's before, on a processor with AVX-512. The kernel for AVX2 gives zeros from a mask of −90 on: nothing to gain there, nor for masks that are computed
/// from inputs, which are left alone. F = 80 − R − ln n for n scores that were observed within R of each other: what is masked stays below what a float32 adds to a sum of the others
/// (e⁻¹⁷), even where scores differ by three times as much as on the samples. Requires that no row is masked as a whole.
/// </summary>
/// <param name="observed">The range of a tensor on the samples; null where it was not observed.</param>
internal sealed class MaskFloor(Func<Value, ValueRange?> observed) : RewritePass
{
    /// <summary>ln of the smallest normal number, less what is left for the rounding on the way.</summary>
    private const double LowestExponent = 80;

    /// <summary>−ln of what a float32 no longer adds to one.</summary>
    private const double Negligible = 17;

    /// <inheritdoc/>
    public override string Name => "mask-floor";

    /// <summary>The scores before masks that could be raised: their ranges are to be observed.</summary>
    public static IEnumerable<Value> Scores(Graph graph) => graph.Nodes.Select(ScoresOf).OfType<Value>();

    /// <inheritdoc/>
    protected override bool MayMatch(Node node) => node.Is("Add") || node.Is("Where");

    /// <inheritdoc/>
    protected override Rewrite Visit(Node node, PassContext context)
    {
        if (ScoresOf(node) is null) return Rewrite.None;
        Value masked = Mask(node);
        // Layers share a mask: one level for all of them, so that they still do.
        Use[] uses = [.. masked.Uses.Where(use => ScoresOf(use.Node) is not null && ReferenceEquals(Mask(use.Node), masked))];
        double lowest = double.NegativeInfinity, highest = double.PositiveInfinity;
        foreach (Use use in uses)
        {
            if (Levels(use.Node) is not { } levels) return Rewrite.None;
            (lowest, highest) = (Math.Max(lowest, levels.Lowest), Math.Min(highest, levels.Highest));
        }
        if (!(lowest <= highest)) return Rewrite.Refused("its scores differ by so much that a mask behind which no number is subnormal would not hide them");
        Tensor mask = masked.Initializer!;
        float[] raised = Array.ConvertAll(mask.AsSpan<float>().ToArray(), value => MathF.Max(value, (float)lowest));
        if (raised.AsSpan().SequenceEqual(mask.AsSpan<float>())) return Rewrite.None;
        Value level = node.Graph.AddInitializer(masked.Name, Tensor.Create<float>(raised, mask.Dims));
        foreach (Use use in uses) use.Node.SetInput(use.Index, level);
        return Rewrite.Applied($"masks by {lowest:G3}, behind which no number is subnormal");
    }

    /// <summary>The levels that hide what is masked and leave normal numbers; null where its scores were not observed.</summary>
    private (double Lowest, double Highest)? Levels(Node node)
    {
        Value scores = ScoresOf(node)!;
        if (observed(scores) is not { IsEmpty: false } range) return null;
        double spread = (double)range.Max - range.Min, origin = node.Is("Add") ? 0 : range.Min;
        return (origin - (LowestExponent - spread - Math.Log(scores.Shape![^1].Value)), origin - (Negligible + 2 * spread));
    }

    /// <summary>What a node masks for a softmax over the last axis; null where it is no such node, or its mask is not constant or leaves nothing of a row.</summary>
    private static Value? ScoresOf(Node node)
    {
        if (node.Domain.Length > 0 || node.Outputs is not [{ HasSingleUse: true, IsOutput: false } output] || !IsOverTokens(output)) return null;
        if (node.Is("Where")) return OfWhere(node);
        if (!node.Is("Add") || Mask(node) is not { Initializer: { ElementType: ElementType.Float, Rank: > 0 } mask }) return null;
        Value scores = node.Inputs[node.Constant(0) is null ? 0 : 1]!;
        return IsRow(scores, mask) && LeavesSomething(mask.AsSpan<float>(), mask.Dims[^1], value => value >= -1) ? scores : null;
    }

    private static Value? OfWhere(Node node)
    {
        if (node.Constant(0) is not { ElementType: ElementType.Bool, Rank: > 0 } condition || Mask(node).Initializer is not { ElementType: ElementType.Float, ElementCount: 1 }) return null;
        bool areScoresFirst = node.Constant(1) is null;
        Value scores = node.Inputs[areScoresFirst ? 1 : 2]!;
        return scores.Initializer is null && IsRow(scores, condition) && LeavesSomething(condition.AsSpan<bool>(), condition.Dims[^1], isTrue => isTrue == areScoresFirst) ? scores : null;
    }

    /// <summary>The constant of the two operands that are added or chosen from; any where none is.</summary>
    private static Value Mask(Node node)
    {
        int first = node.Is("Where") ? 1 : 0;
        return node.Inputs[node.Constant(first) is null ? first + 1 : first]!;
    }

    private static bool IsOverTokens(Value scores) =>
        scores.Uses[0].Node is { } softmax && softmax.Is("Softmax") && softmax.Attributes.Find("axis") is { Int: var axis } && (axis == -1 || axis == scores.Shape?.Rank - 1);

    private static bool IsRow(Value scores, Tensor mask) => scores is { ElementType: ElementType.Float, Shape: { Rank: > 1 } shape } && shape[^1].ValueOrNull == mask.Dims[^1];

    private static bool LeavesSomething<T>(ReadOnlySpan<T> mask, long row, Predicate<T> isLeft)
    {
        for (int i = 0; i < mask.Length; i += (int)row)
            if (!Array.Exists(mask.Slice(i, (int)row).ToArray(), isLeft)) return false;
        return mask.Length > 0;
    }
}
