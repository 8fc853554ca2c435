using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes.Fusion.Matching;
using static ModelCompiler.Optimizer.Passes.Fusion.Matching.Pattern;

namespace ModelCompiler.Optimizer.Passes.Fusion.Activations;

/// <summary>
/// ½·x·(1 + erf(x / √2)) = Gelu(x) (Hendrycks and Gimpel 2016, equation 1), and ½·x·(1 + tanh(√(2/π)·(x + 0.044715·x³))), its approximation.
/// Before operator set 20 they are ONNX Runtime's Gelu and FastGelu.
/// </summary>
public sealed class GeluFusion : FusionPass
{
    private static readonly double TanhScale = Math.Sqrt(2 / Math.PI);

    /// <inheritdoc/>
    public override string Name => "fuse-gelu";

    /// <inheritdoc/>
    private protected override IReadOnlyList<Pattern> Forms { get; } =
    [
        Product(0.5, Any("x"), Sum(1, Op("Erf", Product(Math.Sqrt(0.5), Any("x"))))),
        Product(0.5, Any("x"), Sum(1, Op("Tanh", Product(TanhScale, Sum(0, Any("x"), Product(0.044715, Cube)))))),
        Product(0.5, Any("x"), Sum(1, Op("Tanh", Product(TanhScale, Any("x"), Sum(1, Product(0.044715, Square("x"))))))),
        Product(0.5, Any("x"), Sum(1, Op("Tanh", Product(TanhScale, Any("x"), Sum(1, Product(0.044715, Any("x"), Any("x"))))))),
    ];

    private static Pattern Cube => Either(Op("Pow", Any("x"), Number(3)), Op("Mul", Any("x"), Op("Mul", Any("x"), Any("x"))));

    /// <inheritdoc/>
    private protected override Rewrite Fuse(Match match, PassContext context)
    {
        if (match["x"].ElementType is not ElementType.Float) return Rewrite.None;
        bool isExact = match.Nodes.Any(n => n.Is("Erf")), hasOperator = context.Model.Opset >= 20;
        string opType = isExact || hasOperator ? "Gelu" : "FastGelu";
        if (Operators.Refusal(context, opType, 7) is { } refusal) return Rewrite.Refused(refusal);
        // Left as it is, ONNX Runtime would join it, take the half of its input away from the other reader and refuse the model.
        if (match.SharingReason(mayStay: node => IsHalf(node, match["x"])) is { } shared) return Rewrite.Refused(shared);
        Node node = Replace(match, opType, [match["x"]], Operators.DomainOf(context, 20));
        if (!isExact && hasOperator) node.Attributes.Set("approximate", "tanh");
        return Rewrite.Applied(isExact ? "became Gelu" : "became the approximate Gelu");
    }

    private static bool IsHalf(Node node, Value x) => node.Is("Mul") && node.Inputs.Contains(x) && node.Inputs.ToArray().Any(input => input is not null && Constants.Number(input) == 0.5);
}
