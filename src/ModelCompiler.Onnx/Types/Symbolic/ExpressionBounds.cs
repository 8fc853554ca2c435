namespace ModelCompiler.Onnx;

/// <summary>Lower bounds of expressions. A bound may be lower than it need be, never higher.</summary>
internal static class ExpressionBounds
{
    // Each step takes one atom out of an expression; the dimensions of real networks need a few.
    private const int MaxSteps = 64;

    /// <summary>A number that the expression is never below, or null.</summary>
    public static long? Lower(IntegerExpression expression)
    {
        int steps = MaxSteps;
        return Lower(expression, ref steps);
    }

    private static long? Lower(IntegerExpression expression, ref int steps)
    {
        if (expression.IsUnknown) return null;
        if (expression.ValueOrNull is { } number) return number;
        if (--steps < 0) return null;
        if (Sum(expression, ref steps) is { } bound) return bound;
        foreach (Term term in expression.Terms)
            if (term.Factors is [var atom] && LowerWithout(expression, term.Coefficient, atom, ref steps) is { } other) return other;
        return null;
    }

    /// <summary>The sum of the bounds of the terms: sizes are not negative, hence neither are their products.</summary>
    private static long? Sum(IntegerExpression expression, ref int steps)
    {
        Int128 sum = 0;
        foreach (Term term in expression.Terms)
        {
            if (term.Factors.Length > 0 && term.Coefficient < 0) return null;
            Int128 product = term.Coefficient;
            foreach (Atom factor in term.Factors)
            {
                if (Lower(factor, ref steps) is not (>= 0 and { } bound)) return null;
                product = Int128.Min(product * bound, long.MaxValue);
            }
            sum += product;
        }
        return sum >= long.MinValue && sum <= long.MaxValue ? (long)sum : null;
    }

    private static long? Lower(Atom atom, ref int steps)
    {
        if (atom.Kind is not (AtomKind.FloorQuotient or AtomKind.PositivePart)) return 0;
        long? left = Lower(atom.Left, ref steps);
        if (atom.Kind == AtomKind.PositivePart) return Math.Max(0, left ?? 0);
        if (left is not { } bound) return null;
        if (atom.Right.ValueOrNull is > 0 and var divisor) return ExpressionMath.FloorOf(bound, divisor);
        return bound >= 0 && Lower(atom.Right, ref steps) is >= 0 ? 0 : null;
    }

    /// <summary>A bound of p + c · atom by what the atom is never above, or never below.</summary>
    private static long? LowerWithout(IntegerExpression expression, long coefficient, Atom atom, ref int steps)
    {
        IntegerExpression rest = expression - IntegerExpression.OfAtom(atom) * coefficient;
        if (atom.Kind == AtomKind.PositivePart)
        {
            long? ifNot = Lower(rest, ref steps);
            long? ifPositive = Lower(rest + atom.Left * coefficient, ref steps);
            // max(x, 0) is one of x and 0, and at least both.
            return coefficient < 0 ? Math.Min(ifNot ?? long.MinValue, ifPositive ?? long.MinValue) is > long.MinValue and var both ? both : null
                : ifNot is null ? ifPositive : Math.Max(ifNot.Value, ifPositive ?? ifNot.Value);
        }
        // −c · floor(x / d) ≥ −c · x / d.
        if (atom.Kind != AtomKind.FloorQuotient || coefficient >= 0 || atom.Right.ValueOrNull is not { } divisor || divisor <= 0) return null;
        return Lower(rest * divisor + atom.Left * coefficient, ref steps) is > long.MinValue and var scaled ? -ExpressionMath.FloorOf(-scaled, divisor) : null;
    }
}
