using ModelCompiler.Onnx;

namespace ModelCompiler.Optimizer.Passes.Cleanup;

/// <summary>
/// Cast_C(Cast_B(x)) = Cast_C(x) where B holds every value of x's type A exactly, and the second conversion does not depend on where it comes
/// from: C is as wide as A too, or floating point, or all three are integers, which wrap alike.
/// </summary>
public sealed class CastChains : RewritePass
{
    /// <inheritdoc/>
    public override string Name => "cast-chains";

    /// <inheritdoc/>
    public override bool KeepsTypes => true;

    /// <inheritdoc/>
    protected override bool MayMatch(Node node) => node.Is("Cast");

    /// <inheritdoc/>
    protected override Rewrite Visit(Node node, PassContext context)
    {
        if (node.Input(0)?.Producer is not { } inner || !inner.Is("Cast") || inner.Input(0) is not { } x) return Rewrite.None;
        ElementType from = x.ElementType;
        var middle = (ElementType)inner.Attributes.GetInt("to", 0);
        var to = (ElementType)node.Attributes.GetInt("to", 0);
        if (!NumberRange.Holds(middle, from)) return Rewrite.Refused($"the cast from {from} to {middle} may round or overflow");
        if (!IsIndependentOfSource(from, middle, to)) return Rewrite.Refused($"{to} does not hold every {from}, and what becomes of the others depends on the type they come from");
        node.SetInput(0, x);
        return Rewrite.Applied($"casts from {from} to {to} without {middle} between them");
    }

    private static bool IsIndependentOfSource(ElementType from, ElementType middle, ElementType to)
    {
        if (from == middle || to == ElementType.Bool || NumberRange.Holds(to, from)) return true;
        if (NumberRange.IsInteger(from)) return NumberRange.IsInteger(middle) ? NumberRange.IsInteger(to) : to is ElementType.Float or ElementType.Double;
        return NumberRange.IsInteger(to) is false && to is ElementType.Float or ElementType.Float16;
    }
}
