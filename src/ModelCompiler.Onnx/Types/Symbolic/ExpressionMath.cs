namespace ModelCompiler.Onnx;

/// <summary>Division and choices on <see cref="IntegerExpression"/>s. Every atom is a size, hence not negative, or a function of sizes.</summary>
internal static class ExpressionMath
{
    // Enough for any product of dimensions that divides another one; a rest of more terms is not going to vanish.
    private const int MaxDivisionSteps = 64;

    /// <summary>⌊left / right⌋.</summary>
    public static IntegerExpression FloorDivide(IntegerExpression left, IntegerExpression right)
    {
        if (left.IsUnknown || right.IsUnknown || right.ValueOrNull == 0) return default;
        if (DivideExact(left, right) is { IsUnknown: false } exact) return exact;
        if (right.ValueOrNull is not { } divisor) return Function(AtomKind.FloorQuotient, left, right);
        if (divisor < 0) return divisor == long.MinValue ? default : FloorDivide(left * -1, -divisor);
        if (left.ValueOrNull is { } dividend) return FloorOf(dividend, divisor);
        return FloorByNumber(left, divisor);
    }

    /// <summary>⌈left / right⌉.</summary>
    public static IntegerExpression CeilingDivide(IntegerExpression left, IntegerExpression right) =>
        right.ValueOrNull is > 0 ? FloorDivide(left + right - 1, right) : FloorDivide(left * -1, right) * -1;

    /// <summary>left / right where the division leaves no rest, else unknown.</summary>
    public static IntegerExpression DivideExact(IntegerExpression left, IntegerExpression right)
    {
        if (left.IsUnknown || right.IsUnknown || right.ValueOrNull == 0) return default;
        if (left.IsSame(right)) return 1;
        if (right.ValueOrNull == 1 || left.ValueOrNull == 0) return left;
        // Division by one polynomial: the leading term of the rest must be a multiple of the divisor's, or it never vanishes.
        var quotient = new List<Term>();
        IntegerExpression rest = left;
        Term lead = right.Terms[0];
        for (int step = 0; step < MaxDivisionSteps; step++)
        {
            if (rest.Terms[0].DividedBy(lead) is not { } factor) return default;
            quotient.Add(factor);
            rest -= IntegerExpression.OfTerms([factor]) * right;
            if (rest.IsUnknown) return default;
            if (rest.ValueOrNull == 0) return IntegerExpression.OfTerms(quotient);
        }
        return default;
    }

    /// <summary>The larger of two: right + max(left − right, 0).</summary>
    public static IntegerExpression Max(IntegerExpression left, IntegerExpression right) => right + PositivePart(left - right);

    /// <summary>The smaller of two: left − max(left − right, 0).</summary>
    public static IntegerExpression Min(IntegerExpression left, IntegerExpression right) => left - PositivePart(left - right);

    /// <summary>Whether <paramref name="left"/> ≥ <paramref name="right"/> for every size.</summary>
    public static bool IsAtLeast(IntegerExpression left, IntegerExpression right) => ExpressionBounds.Lower(left - right) is >= 0;

    /// <summary>The expression with each atom replaced by what <paramref name="replacement"/> says of it; functions are computed anew.</summary>
    public static IntegerExpression Substitute(IntegerExpression expression, Func<Atom, IntegerExpression?> replacement)
    {
        if (expression.Polynomial is not { } polynomial) return expression;
        IntegerExpression sum = 0;
        foreach (Term term in polynomial.Terms)
        {
            IntegerExpression product = term.Coefficient;
            foreach (Atom factor in term.Factors) product *= Substitute(factor, replacement);
            sum += product;
        }
        return sum == expression ? expression : sum;
    }

    private static IntegerExpression Substitute(Atom atom, Func<Atom, IntegerExpression?> replacement)
    {
        if (replacement(atom) is { } replaced) return replaced;
        return atom.Kind switch
        {
            AtomKind.FloorQuotient => FloorDivide(Substitute(atom.Left, replacement), Substitute(atom.Right, replacement)),
            AtomKind.PositivePart => PositivePart(Substitute(atom.Left, replacement)),
            _ => IntegerExpression.OfAtom(atom),
        };
    }

    /// <summary>⌊(d·a + r) / d⌋ = a + ⌊r / d⌋, and ⌊(⌊x / e⌋ + c) / d⌋ = ⌊(x + e·c) / (d·e)⌋ (Graham, Knuth, Patashnik: Concrete Mathematics, 3.2).</summary>
    private static IntegerExpression FloorByNumber(IntegerExpression left, long divisor)
    {
        var whole = new List<Term>();
        var rest = new List<Term>();
        foreach (Term term in left.Terms)
        {
            long remainder = term.Coefficient - FloorOf(term.Coefficient, divisor) * divisor;
            long quotient = FloorOf(term.Coefficient, divisor);
            // A symbolic term moves out whole or not at all: splitting 3x/2 into x + x/2 makes it no simpler.
            if (term.Factors.Length == 0 || remainder == 0)
            {
                if (quotient != 0) whole.Add(new Term(quotient, term.Factors));
                if (remainder != 0) rest.Add(new Term(remainder, term.Factors));
            }
            else
            {
                rest.Add(term);
            }
        }
        IntegerExpression remaining = IntegerExpression.OfTerms(rest);
        IntegerExpression floor = remaining.IsKnown ? 0 : FloorOfRest(remaining, divisor);
        return IntegerExpression.OfTerms(whole) + floor;
    }

    private static IntegerExpression FloorOfRest(IntegerExpression rest, long divisor)
    {
        ReadOnlySpan<Term> terms = rest.Terms;
        long constant = terms[^1].Factors.Length == 0 ? terms[^1].Coefficient : 0;
        bool isSingle = terms.Length == (constant == 0 ? 1 : 2);
        if (isSingle && terms[0] is { Coefficient: 1, Factors: [{ Kind: AtomKind.FloorQuotient } inner] } && inner.Right.ValueOrNull is > 0 and var innerDivisor)
            return FloorDivide(inner.Left + innerDivisor * (IntegerExpression)constant, innerDivisor * (IntegerExpression)divisor);

        long common = divisor;
        foreach (Term term in terms)
            if (term.Factors.Length > 0) common = GreatestCommonDivisor(common, term.Coefficient);
        if (common == 1) return Function(AtomKind.FloorQuotient, rest, divisor);
        IntegerExpression reduced = DivideExact(rest - constant, common) + FloorOf(constant, common);
        return FloorDivide(reduced, divisor / common);
    }

    private static long GreatestCommonDivisor(long a, long b)
    {
        if (b == long.MinValue) return 1;
        for (b = Math.Abs(b); b != 0;) (a, b) = (b, a % b);
        return a;
    }

    /// <summary>⌊dividend / divisor⌋ for a positive divisor.</summary>
    public static long FloorOf(long dividend, long divisor) => dividend / divisor - (dividend % divisor < 0 ? 1 : 0);

    /// <summary>max(x, 0) in one form: max(−x, 0) = max(x, 0) − x, and common factors stand outside.</summary>
    private static IntegerExpression PositivePart(IntegerExpression x)
    {
        if (x.IsUnknown) return default;
        if (ExpressionBounds.Lower(x) is >= 0) return x;
        if (ExpressionBounds.Lower(x * -1) is >= 0) return 0;
        if (x.Terms[0].Coefficient < 0) return PositivePart(x * -1) + x;
        long common = 0;
        foreach (Term term in x.Terms) common = GreatestCommonDivisor(common, term.Coefficient);
        return common > 1 ? Function(AtomKind.PositivePart, DivideExact(x, common), default) * common : Function(AtomKind.PositivePart, x, default);
    }

    private static IntegerExpression Function(AtomKind kind, IntegerExpression left, IntegerExpression right) =>
        left.Size + right.Size >= Polynomial.MaxSize ? default : IntegerExpression.OfAtom(Atom.Function(kind, left, right));
}
