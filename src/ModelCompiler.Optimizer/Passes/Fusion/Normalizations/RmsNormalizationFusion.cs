using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes.Fusion.Matching;
using static ModelCompiler.Optimizer.Passes.Fusion.Matching.Pattern;
using static ModelCompiler.Optimizer.Passes.Fusion.Normalizations.NormalizationForms;

namespace ModelCompiler.Optimizer.Passes.Fusion.Normalizations;

/// <summary>
/// g · x / √(mean(x²) + ε) over the last axis (Zhang and Sennrich 2019, equation 4): ONNX Runtime's SimplifiedLayerNormalization.
/// </summary>
public sealed class RmsNormalizationFusion : FusionPass
{
    /// <inheritdoc/>
    public override string Name => "fuse-rms-normalization";

    /// <inheritdoc/>
    private protected override IReadOnlyList<Pattern> Forms { get; } =
        [.. DividedByRoot(Any("x"), Power(Any("x"))).Select(form => Op("Mul", form, Constant("scale")))];

    /// <inheritdoc/>
    private protected override Rewrite Fuse(Match match, PassContext context)
    {
        if (match["x"].ElementType is not ElementType.Float || match.Number("axis") != -1 || Constants.Of(match["scale"]) is not { Rank: 1, ElementCount: > 1 }) return Rewrite.None;
        // The end of a layer normalization that was refused: the provider finds all of it at load, but not the rest.
        if (IsCentered(match["x"])) return Rewrite.None;
        if (Operators.Refusal(context, "SimplifiedLayerNormalization", 1) is { } refusal) return Rewrite.Refused(refusal);
        if (match.SharingReason() is { } shared) return Rewrite.Refused(shared);
        Node node = Replace(match, "SimplifiedLayerNormalization", [match["x"], match["scale"]]);
        node.Attributes.Set("axis", -1);
        node.Attributes.Set("epsilon", (float)match.Number("epsilon"));
        return Rewrite.Applied("became SimplifiedLayerNormalization");
    }

    private static bool IsCentered(Value x) => x.Producer is { } sub && sub.Is("Sub") && sub.Input(1)?.Producer is { } mean && mean.Is("ReduceMean")
        && ReferenceEquals(mean.Input(0), sub.Input(0));
}
