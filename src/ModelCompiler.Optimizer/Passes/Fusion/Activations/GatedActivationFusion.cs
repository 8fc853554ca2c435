using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes.Fusion.Matching;
using static ModelCompiler.Optimizer.Passes.Fusion.Matching.Pattern;

namespace ModelCompiler.Optimizer.Passes.Fusion.Activations;

/// <summary>
/// x · tanh(ln(1 + eˣ)) = Mish(x) (Misra 2019); x · σ(α·x) = QuickGelu(x; α), which is Swish (SiLU) for α = 1. Only for providers with kernels
/// of their own: ONNX Runtime's CPU provider takes Mish apart again, and joins x · σ(α·x) itself when it loads a float model, while apart
/// the two operators can run on integers.
/// </summary>
public sealed class GatedActivationFusion : FusionPass
{
    /// <inheritdoc/>
    public override string Name => "fuse-gated-activation";

    /// <inheritdoc/>
    private protected override IReadOnlyList<Pattern> Forms { get; } =
    [
        Product(1, Any("x"), Op("Tanh", Op("Softplus", Any("x")))),
        Product(1, Any("x"), Op("Tanh", Op("Log", Sum(1, Op("Exp", Any("x")))))),
        Product(1, Any("x"), Op("Sigmoid", Product("alpha", Any("x")))),
    ];

    /// <inheritdoc/>
    private protected override Rewrite Fuse(Match match, PassContext context)
    {
        if (match["x"].ElementType is not ElementType.Float) return Rewrite.None;
        bool isMish = match.FindNumber("alpha") is null;
        if (Operators.Refusal(context, isMish ? "Mish" : "QuickGelu", isMish ? 18 : 7) is { } refusal) return Rewrite.Refused(refusal);
        if (match.SharingReason() is { } shared) return Rewrite.Refused(shared);
        if (isMish)
        {
            Replace(match, "Mish", [match["x"]]);
            return Rewrite.Applied("became Mish");
        }
        Node node = Replace(match, "QuickGelu", [match["x"]], Operators.DomainOf(context, long.MaxValue));
        node.Attributes.Set("alpha", (float)match.Number("alpha"));
        return Rewrite.Applied("became QuickGelu");
    }
}
