using ModelCompiler.Onnx;

namespace ModelCompiler.Optimizer.Passes.Fusion.Matching;

/// <summary>A value kept between two constants: Clip with limits as attributes or inputs, or Max and Min in either order.</summary>
/// <param name="min">The lower limit.</param>
/// <param name="maxName">The name of the upper limit, which must be finite.</param>
/// <param name="operand">What is clamped.</param>
internal sealed class ClampPattern(double min, string maxName, Pattern operand) : Pattern
{
    /// <inheritdoc/>
    public override bool MayEndIn(Node node) => node.Domain.Length == 0 && node.OpType is "Clip" or "Min" or "Max";

    /// <inheritdoc/>
    protected override bool MatchesOrSpoils(Value value, Match match)
    {
        if (value.Producer is not { } producer || !MayEndIn(producer) || match.Enter(value) is not { } node) return false;
        if (!node.Is("Clip")) return MatchesPair(node, match);
        return Limit(node, 1, "min", double.NegativeInfinity) == min
            && Limit(node, 2, "max", double.PositiveInfinity) is { } max && Bind(max, match)
            && node.Input(0) is { } input && operand.Matches(input, match);
    }

    private bool MatchesPair(Node outer, Match match)
    {
        string inner = outer.Is("Min") ? "Max" : "Min";
        if (Operand(outer, match) is not var (middle, outerLimit)) return false;
        if (min == 0 && outer.Is("Min") && middle.Producer is { } relu && relu.Is("Relu"))
            return match.Enter(middle) is not null && Bind(outerLimit, match) && operand.Matches(relu.Input(0)!, match);
        if (middle.Producer is not { } producer || !producer.Is(inner) || match.Enter(middle) is null || Operand(producer, match) is not var (input, innerLimit)) return false;
        (double low, double high) = outer.Is("Min") ? (innerLimit, outerLimit) : (outerLimit, innerLimit);
        return low == min && Bind(high, match) && operand.Matches(input, match);
    }

    private bool Bind(double max, Match match) => double.IsFinite(max) && max > min && match.Bind(maxName, max);

    private static (Value Value, double Limit)? Operand(Node node, Match match)
    {
        if (node.Inputs.Length != 2) return null;
        if (match.ReadNumber(node.Input(1)) is { } second) return (node.Input(0)!, second);
        return match.ReadNumber(node.Input(0)) is { } first ? (node.Input(1)!, first) : null;
    }

    // Opset 6 had the limits as attributes.
    private static double? Limit(Node node, int index, string attribute, double absent)
    {
        if (node.Attributes.TryGet(attribute, out NodeAttribute? value)) return value.Float;
        return node.Input(index) is { } input ? Constants.Number(input) : absent;
    }
}
