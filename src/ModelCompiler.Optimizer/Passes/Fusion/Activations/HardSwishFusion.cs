using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes.Fusion.Matching;
using static ModelCompiler.Optimizer.Passes.Fusion.Matching.Pattern;

namespace ModelCompiler.Optimizer.Passes.Fusion.Activations;

/// <summary>
/// c · x · clip(x + 3, 0, 6) = 6c · HardSwish(x) (Howard et al. 2019, section 5.2), the constant wherever an exporter or an earlier fold left
/// it. Before operator set 14, which has HardSwish, the result is x · HardSigmoid(x; 1/6, 1/2).
/// </summary>
public sealed class HardSwishFusion : FusionPass
{
    /// <inheritdoc/>
    public override string Name => "fuse-hard-swish";

    /// <inheritdoc/>
    private protected override IReadOnlyList<Pattern> Forms { get; } =
    [
        Product("c", Any("x"), new ClampPattern(0, "h", Sum(3, Any("x")))),
        Product("c", Any("x"), Op("HardSigmoid", IsSixth, Any("x"))),
    ];

    /// <inheritdoc/>
    private protected override Rewrite Fuse(Match match, PassContext context)
    {
        bool isHardSigmoid = match.Nodes.Any(n => n.Is("HardSigmoid")), hasOperator = context.Model.Opset >= 14;
        if (isHardSigmoid ? !hasOperator : Math.Abs(match.Number("h") - 6) > 1e-6) return Rewrite.None;
        if (match["x"].ElementType is not ElementType.Float) return Rewrite.None;
        if (Operators.Refusal(context, hasOperator ? "HardSwish" : "HardSigmoid", 6) is { } refusal) return Rewrite.Refused(refusal);
        if (match.SharingReason() is { } shared) return Rewrite.Refused(shared);
        double factor = match.Number("c") * (isHardSigmoid ? 1 : 6);
        bool isScaled = Math.Abs(factor - 1) > 1e-6;
        // The division by 6 comes last: the node that divides finds all of it.
        if (isScaled && IsScaledFurther(match.Root.Outputs[0])) return Rewrite.None;
        Value swish = Insert(match, hasOperator ? "HardSwish" : "Mul", hasOperator ? [match["x"]] : [match["x"], Gate(match)]).Output;
        match.ReplaceBy(isScaled ? Insert(match, "Mul", [swish, match.Root.Graph.AddInitializer("scale", Tensor.Scalar((float)factor))]).Output : swish);
        return Rewrite.Applied(hasOperator ? "became HardSwish" : "became x · HardSigmoid(x)");
    }

    private static bool IsScaledFurther(Value value) => value.HasSingleUse && value.Uses[0].Node is { Domain: "", OpType: "Mul" or "Div" } user
        && Constants.Number(user.Input(1 - value.Uses[0].Index)) is not null;

    private static Value Gate(Match match)
    {
        Node gate = Insert(match, "HardSigmoid", [match["x"]]);
        gate.Attributes.Set("alpha", 1 / 6f);
        gate.Attributes.Set("beta", 0.5f);
        return gate.Output;
    }

    private static bool IsSixth(Node node, Match match) =>
        Math.Abs(node.Attributes.GetFloat("alpha", 0.2f) - 1 / 6f) < 1e-6f && Math.Abs(node.Attributes.GetFloat("beta", 0.5f) - 0.5f) < 1e-6f;
}
