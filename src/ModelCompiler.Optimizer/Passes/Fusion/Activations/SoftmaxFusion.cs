using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes.Fusion.Matching;
using static ModelCompiler.Optimizer.Passes.Fusion.Matching.Pattern;

namespace ModelCompiler.Optimizer.Passes.Fusion.Activations;

/// <summary>
/// e^(x − max x) / Σ e^(x − max x) = Softmax(x), and (x − max x) − ln Σ e^(x − max x) = LogSoftmax(x). Without the maximum they are left as
/// they are: there x may overflow, here it may not, and the answers would differ.
/// </summary>
public sealed class SoftmaxFusion : FusionPass
{
    /// <inheritdoc/>
    public override string Name => "fuse-softmax";

    /// <inheritdoc/>
    private protected override IReadOnlyList<Pattern> Forms { get; } =
    [
        Op("Div", Exponential, Total(Any("e"))),
        Op("Mul", Exponential, Op("Reciprocal", Total(Any("e")))),
        Op("Sub", Named("d", Shifted), Op("Log", Total(Op("Exp", Any("d"))))),
        Op("Sub", Any("x"), Op("Add", Op("Log", Total(Op("Exp", Shifted))), Maximum)),
    ];

    private static Pattern Maximum => Op("ReduceMax", ReductionAxes.IsOne, Any("x"));

    private static Pattern Shifted => Op("Sub", Any("x"), Maximum);

    private static Pattern Exponential => Named("e", Op("Exp", Shifted));

    private static Pattern Total(Pattern of) => Op("ReduceSum", ReductionAxes.IsOne, of);

    /// <inheritdoc/>
    private protected override Rewrite Fuse(Match match, PassContext context)
    {
        if (match["x"].ElementType is not ElementType.Float) return Rewrite.None;
        string opType = match.Root.Is("Sub") ? "LogSoftmax" : "Softmax";
        double axis = match.Number("axis");
        if (Operators.Refusal(context, opType, axis == -1 ? 11 : 13) is { } refusal) return Rewrite.Refused(refusal);
        if (match.SharingReason() is { } shared) return Rewrite.Refused(shared);
        Replace(match, opType, [match["x"]]).Attributes.Set("axis", (long)axis);
        return Rewrite.Applied($"became {opType}");
    }
}
