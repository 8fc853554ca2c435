using System.Globalization;

namespace ModelCompiler.Onnx;

/// <summary>
/// An integer as far as it is known at build time: a number, an expression over sizes, or unknown. Expressions are integer polynomials whose
/// variables are symbols and opaque functions (floor of a quotient, maximum, minimum), in canonical form: equal expressions are equal values.
/// Arithmetic that overflows, or whose result is too large to be of use, is unknown.
/// </summary>
public readonly struct IntegerExpression : IEquatable<IntegerExpression>
{
    private static readonly object Number = new();
    private static readonly Atom[] NoFactors = [];

    private readonly long _value;
    // Null where nothing is known, Number, or a Polynomial: two words, for there is one of these per dimension of each value.
    private readonly object? _form;

    private IntegerExpression(long value, object form)
    {
        _value = value;
        _form = form;
    }

    private IntegerExpression(Polynomial? polynomial) : this(0, polynomial!) { }

    /// <summary>An integer of which nothing is known.</summary>
    public static IntegerExpression Unknown => default;

    /// <summary>Whether it is a number.</summary>
    public bool IsKnown => ReferenceEquals(_form, Number);

    /// <summary>Whether nothing is known of it.</summary>
    public bool IsUnknown => _form is null;

    /// <summary>The number, or null.</summary>
    public long? ValueOrNull => IsKnown ? _value : null;

    internal Polynomial? Polynomial => _form as Polynomial;

    internal int Size => Polynomial?.Size ?? 0;

    internal bool HasAnonymous => Polynomial is { HasAnonymous: true };

    /// <summary>A number.</summary>
    public static IntegerExpression Of(long value) => new(value, Number);

    /// <summary>A size known by name.</summary>
    internal static IntegerExpression OfAtom(Atom atom) => new(Polynomial.Create([new Term(1, [atom])]));

    /// <summary>A size that is equal only to itself.</summary>
    internal static IntegerExpression Fresh() => OfAtom(Atom.Anonymous());

    /// <summary>The sum of terms in any order.</summary>
    internal static IntegerExpression OfTerms(List<Term> terms)
    {
        terms.Sort((a, b) => a.CompareMonomial(b));
        var sum = new List<Term>(terms.Count);
        for (int i = 0; i < terms.Count;)
        {
            Term first = terms[i];
            Int128 coefficient = 0;
            for (; i < terms.Count && terms[i].CompareMonomial(first) == 0; i++) coefficient += terms[i].Coefficient;
            if (coefficient < long.MinValue || coefficient > long.MaxValue) return default;
            if (coefficient != 0) sum.Add(new Term((long)coefficient, first.Factors));
        }
        return sum switch
        {
            [] => Of(0),
            [{ Factors.Length: 0 } constant] => Of(constant.Coefficient),
            _ => new IntegerExpression(Polynomial.Create([.. sum])),
        };
    }

    /// <summary>The terms of a known expression.</summary>
    internal ReadOnlySpan<Term> Terms => Polynomial is { } polynomial ? polynomial.Terms : IsKnown && _value != 0 ? new Term[] { new(_value, NoFactors) } : [];

    /// <summary>The same expression, written as a file writes it.</summary>
    internal IntegerExpression WithText(string text) => Polynomial is { } polynomial ? new IntegerExpression(polynomial.WithText(text)) : this;

    public static IntegerExpression operator +(IntegerExpression left, IntegerExpression right) => Add(left, right);

    public static IntegerExpression operator -(IntegerExpression left, IntegerExpression right) => Add(left, Multiply(right, Of(-1)));

    public static IntegerExpression operator *(IntegerExpression left, IntegerExpression right) => Multiply(left, right);

    public static implicit operator IntegerExpression(long value) => Of(value);

    /// <inheritdoc cref="Of"/>
    public static IntegerExpression FromInt64(long value) => Of(value);

    /// <summary>left + right.</summary>
    public static IntegerExpression Add(IntegerExpression left, IntegerExpression right)
    {
        if (left.IsUnknown || right.IsUnknown) return default;
        if (left.IsKnown && right.IsKnown) return Int128Result((Int128)left._value + right._value);
        if (right is { IsKnown: true, _value: 0 }) return left;
        if (left is { IsKnown: true, _value: 0 }) return right;
        return OfTerms([.. left.Terms, .. right.Terms]);
    }

    /// <summary>left − right.</summary>
    public static IntegerExpression Subtract(IntegerExpression left, IntegerExpression right) => left - right;

    /// <summary>left · right.</summary>
    public static IntegerExpression Multiply(IntegerExpression left, IntegerExpression right)
    {
        // Zero times anything is zero, however little is known of it.
        if (left is { IsKnown: true, _value: 0 } || right is { IsKnown: true, _value: 0 }) return Of(0);
        if (left.IsUnknown || right.IsUnknown) return default;
        if (left.IsKnown && right.IsKnown) return Int128Result((Int128)left._value * right._value);
        if (right is { IsKnown: true, _value: 1 }) return left;
        if (left is { IsKnown: true, _value: 1 }) return right;
        if ((long)left.Terms.Length * right.Terms.Length > Polynomial.MaxSize) return default;
        var terms = new List<Term>(left.Terms.Length * right.Terms.Length);
        foreach (Term a in left.Terms)
        {
            foreach (Term b in right.Terms)
            {
                if (a.Times(b) is not { } product) return default;
                terms.Add(product);
            }
        }
        return OfTerms(terms);
    }

    /// <summary>Whether both are certainly the same integer.</summary>
    public bool IsSame(IntegerExpression other) => !IsUnknown && Equals(other);

    /// <inheritdoc/>
    public bool Equals(IntegerExpression other) => ReferenceEquals(_form, other._form)
        ? _value == other._value
        : Polynomial is { } polynomial && other.Polynomial is { } otherPolynomial && polynomial.Equals(otherPolynomial);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is IntegerExpression other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => Polynomial?.GetHashCode() ?? HashCode.Combine(IsKnown, _value);

    /// <summary>A total order for sorting: it says nothing of which integer is larger.</summary>
    internal int CompareTo(IntegerExpression other)
    {
        if (Polynomial is { } left && other.Polynomial is { } right) return left.CompareTo(right);
        int order = Rank(this).CompareTo(Rank(other));
        return order != 0 ? order : _value.CompareTo(other._value);
    }

    /// <summary>The expression; <c>?</c> where it is unknown or holds a size without a name.</summary>
    public override string ToString() => IsKnown ? _value.ToString(CultureInfo.InvariantCulture)
        : Polynomial is { HasAnonymous: false } polynomial ? polynomial.ToString() : "?";

    public static bool operator ==(IntegerExpression left, IntegerExpression right) => left.Equals(right);

    public static bool operator !=(IntegerExpression left, IntegerExpression right) => !left.Equals(right);

    /// <summary>The text, in parentheses where it is a sum or product.</summary>
    internal string ToOperandString() => Terms is [{ Coefficient: 1, Factors.Length: 1 }] || IsKnown ? ToString() : $"({this})";

    private static int Rank(IntegerExpression expression) => expression.IsUnknown ? 0 : expression.IsKnown ? 1 : 2;

    private static IntegerExpression Int128Result(Int128 value) => value >= long.MinValue && value <= long.MaxValue ? Of((long)value) : default;
}
