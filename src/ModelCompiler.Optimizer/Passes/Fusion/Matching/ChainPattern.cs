using ModelCompiler.Onnx;

namespace ModelCompiler.Optimizer.Passes.Fusion.Matching;

/// <summary>Whether a <see cref="ChainPattern"/> multiplies or adds.</summary>
internal enum ChainKind
{
    Product,
    Sum,
}

/// <summary>
/// A product (or sum) of operands and one constant, however it is associated: 0.5·x·y is found in Mul(Mul(x, 0.5), y), Mul(x, Div(y, 2)), …
/// </summary>
/// <param name="kind">What the chain does.</param>
/// <param name="constant">The constant that all constants must come to; NaN where <paramref name="name"/> takes any.</param>
/// <param name="name">The name of the constant, or null.</param>
/// <param name="operands">At most three, which keeps the ways to split them few.</param>
internal sealed class ChainPattern(ChainKind kind, double constant, string? name, Pattern[] operands) : Pattern
{
    // Exporters write one or two constants; folding joins longer chains.
    private const int MaxConstants = 3;

    private readonly double _neutral = kind == ChainKind.Product ? 1 : 0;

    /// <inheritdoc/>
    public override bool MayEndIn(Node node) => IsLink(node) || (operands.Length == 1 && operands[0].MayEndIn(node));

    /// <inheritdoc/>
    protected override bool MatchesOrSpoils(Value value, Match match) => Split(value, operands, match, _neutral, 0, total =>
        name is not null ? match.Bind(name, total) : Math.Abs(total - constant) <= 1e-6 * Math.Abs(constant));

    /// <summary>
    /// Finds <paramref name="remaining"/> operands in a value and hands the constant so far to <paramref name="next"/>; where that is not
    /// content, tries the next way. A constant that can be split off is: x in 2·x is rather x than the product.
    /// </summary>
    private bool Split(Value value, Pattern[] remaining, Match match, double total, int depth, Func<double, bool> next)
    {
        (int, int, int) mark = match.Save();
        if (depth < operands.Length - 1 + MaxConstants && IsLink(value.Producer) && match.Enter(value) is { } node)
        {
            if (SplitConstant(node, remaining, match, total, depth, next) || SplitOperands(node, remaining, match, total, depth, next)) return true;
            match.Restore(mark);
        }
        if (remaining.Length == 1 && remaining[0].Matches(value, match) && next(total)) return true;
        match.Restore(mark);
        return false;
    }

    private bool IsLink(Node? node) => node is { Domain: "" } && (kind == ChainKind.Product
        ? node is { OpType: "Mul" or "Div", Inputs.Length: 2 } or { OpType: "Neg" }
        : node is { OpType: "Add" or "Sub", Inputs.Length: 2 });

    private bool SplitConstant(Node node, Pattern[] remaining, Match match, double total, int depth, Func<double, bool> next)
    {
        if (node.OpType == "Neg") return Split(node.Input(0)!, remaining, match, -total, depth + 1, next);
        Value left = node.Input(0)!, right = node.Input(1)!;
        if (match.ReadNumber(right) is { } second) return Split(left, remaining, match, Combine(node.OpType, total, second), depth + 1, next);
        bool isCommutative = node.OpType is "Mul" or "Add";
        return isCommutative && match.ReadNumber(left) is { } first && Split(right, remaining, match, Combine(node.OpType, total, first), depth + 1, next);
    }

    private bool SplitOperands(Node node, Pattern[] remaining, Match match, double total, int depth, Func<double, bool> next)
    {
        if (node.OpType is not ("Mul" or "Add")) return false;
        (int, int, int) mark = match.Save();
        // Each way to give some operands to the left and the others to the right, as bits; neither side goes without.
        for (int subset = 1; subset < (1 << remaining.Length) - 1; subset++)
        {
            Pattern[] left = Select(remaining, subset), right = Select(remaining, ~subset);
            if (Split(node.Input(0)!, left, match, total, depth + 1, sum => Split(node.Input(1)!, right, match, sum, depth + 1, next))) return true;
            match.Restore(mark);
        }
        return false;
    }

    private static double Combine(string opType, double total, double number) => opType switch
    {
        "Mul" => total * number,
        "Div" => total / number,
        "Add" => total + number,
        _ => total - number,
    };

    private static Pattern[] Select(Pattern[] patterns, int subset) => [.. patterns.Where((_, i) => (subset >> i & 1) != 0)];
}
