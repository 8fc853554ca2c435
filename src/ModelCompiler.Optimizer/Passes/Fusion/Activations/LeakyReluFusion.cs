using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes.Fusion.Matching;
using static ModelCompiler.Optimizer.Passes.Fusion.Matching.Pattern;

namespace ModelCompiler.Optimizer.Passes.Fusion.Activations;

/// <summary>
/// max(x, α·x) for 0 &lt; α &lt; 1, relu(x) − α·relu(−x), a choice by the sign of x, and PRelu with one slope: LeakyRelu(x; α).
/// </summary>
public sealed class LeakyReluFusion : FusionPass
{
    /// <inheritdoc/>
    public override string Name => "fuse-leaky-relu";

    /// <inheritdoc/>
    private protected override IReadOnlyList<Pattern> Forms { get; } =
    [
        Op("Max", Any("x"), Product("smaller", Any("x"))),
        Op("PRelu", Any("x"), Number("slope")),
        Sum(0, Op("Relu", Any("x")), Product("negated", Op("Relu", Product(-1, Any("x"))))),
        Op("Sub", Op("Relu", Any("x")), Product("slope", Op("Relu", Product(-1, Any("x"))))),
        Op("Where", Op("Greater", Any("x"), Number(0)), Any("x"), Product("slope", Any("x"))),
        Op("Where", Op("GreaterOrEqual", Any("x"), Number(0)), Any("x"), Product("slope", Any("x"))),
        Op("Where", Op("Less", Any("x"), Number(0)), Product("slope", Any("x")), Any("x")),
    ];

    /// <inheritdoc/>
    private protected override Rewrite Fuse(Match match, PassContext context)
    {
        // Beyond 1 the larger of the two is the other one; at 0 an infinite x would make a NaN of the product.
        if (match.FindNumber("smaller") is <= 0 or >= 1) return Rewrite.None;
        if (match["x"].ElementType is not ElementType.Float) return Rewrite.None;
        if (Operators.Refusal(context, "LeakyRelu", 6) is { } refusal) return Rewrite.Refused(refusal);
        if (match.SharingReason() is { } shared) return Rewrite.Refused(shared);
        double slope = match.FindNumber("slope") ?? match.FindNumber("smaller") ?? -match.Number("negated");
        Replace(match, "LeakyRelu", [match["x"]]).Attributes.Set("alpha", (float)slope);
        return Rewrite.Applied("became LeakyRelu");
    }
}
