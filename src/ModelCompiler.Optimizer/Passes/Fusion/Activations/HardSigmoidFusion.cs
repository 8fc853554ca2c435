using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes.Fusion.Matching;
using static ModelCompiler.Optimizer.Passes.Fusion.Matching.Pattern;

namespace ModelCompiler.Optimizer.Passes.Fusion.Activations;

/// <summary>
/// c · clip(a·x + s, 0, h) = max(0, min(1, α·x + β)) with c·h = 1, α = c·a, β = c·s: HardSigmoid, as relu6(x + 3) / 6 and its like.
/// </summary>
public sealed class HardSigmoidFusion : FusionPass
{
    /// <inheritdoc/>
    public override string Name => "fuse-hard-sigmoid";

    /// <inheritdoc/>
    private protected override IReadOnlyList<Pattern> Forms { get; } =
    [
        Product("c", new ClampPattern(0, "h", Sum("s", Product("a", Any("x"))))),
    ];

    /// <inheritdoc/>
    private protected override Rewrite Fuse(Match match, PassContext context)
    {
        double c = match.Number("c"), alpha = c * match.Number("a"), beta = c * match.Number("s");
        // A clamp to [0, 1] alone is as fast as it is, and other heights are no HardSigmoid.
        if (Math.Abs(c * match.Number("h") - 1) > 1e-6 || (alpha == 1 && beta == 0)) return Rewrite.None;
        if (match["x"].ElementType is not ElementType.Float) return Rewrite.None;
        if (Operators.Refusal(context, "HardSigmoid", 6) is { } refusal) return Rewrite.Refused(refusal);
        if (match.SharingReason() is { } shared) return Rewrite.Refused(shared);
        Node node = Replace(match, "HardSigmoid", [match["x"]]);
        node.Attributes.Set("alpha", (float)alpha);
        node.Attributes.Set("beta", (float)beta);
        return Rewrite.Applied("became HardSigmoid");
    }
}
