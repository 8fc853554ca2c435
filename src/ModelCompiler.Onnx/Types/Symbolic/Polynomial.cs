using System.Globalization;
using System.Text;

namespace ModelCompiler.Onnx;

/// <summary>A product of atoms times an integer; no atoms make a plain integer. The atoms are sorted.</summary>
internal readonly record struct Term(long Coefficient, Atom[] Factors)
{
    /// <summary>The terms of equal <see cref="Factors"/> are one term. The order is graded lexicographic, the higher monomial first.</summary>
    public int CompareMonomial(Term other)
    {
        if (Factors.Length != other.Factors.Length) return other.Factors.Length.CompareTo(Factors.Length);
        for (int i = 0; i < Factors.Length; i++)
        {
            int order = Factors[i].CompareTo(other.Factors[i]);
            if (order != 0) return order;
        }
        return 0;
    }

    /// <summary>The product of two terms, or null where its coefficient does not fit in a <see cref="long"/>.</summary>
    public Term? Times(Term other)
    {
        Int128 product = (Int128)Coefficient * other.Coefficient;
        if (product < long.MinValue || product > long.MaxValue) return null;
        if (Factors.Length == 0) return new Term((long)product, other.Factors);
        if (other.Factors.Length == 0) return new Term((long)product, Factors);
        Atom[] factors = [.. Factors, .. other.Factors];
        Array.Sort(factors);
        return new Term((long)product, factors);
    }

    /// <summary>The exact quotient, or null where the division leaves a rest.</summary>
    public Term? DividedBy(Term other)
    {
        if (other.Coefficient == 0 || Coefficient == long.MinValue || Coefficient % other.Coefficient != 0) return null;
        var rest = new List<Atom>(Factors);
        foreach (Atom factor in other.Factors)
            if (!rest.Remove(factor)) return null;
        return new Term(Coefficient / other.Coefficient, [.. rest]);
    }
}

/// <summary>A sum of at least one term that is no plain integer, in canonical form: terms sorted, none zero, none alike.</summary>
internal sealed class Polynomial : IEquatable<Polynomial>
{
    /// <summary>Expressions of more atoms than this are given up: they help no decision and would grow without bound along a network.</summary>
    public const int MaxSize = 48;

    private readonly int _hash;
    private string? _text;

    private Polynomial(Term[] terms, int size, string? text)
    {
        Terms = terms;
        Size = size;
        _text = text;
        var hash = new HashCode();
        foreach (Term term in terms)
        {
            hash.Add(term.Coefficient);
            foreach (Atom factor in term.Factors) hash.Add(factor);
        }
        _hash = hash.ToHashCode();
    }

    public Term[] Terms { get; }

    public int Size { get; }

    public bool HasAnonymous => Array.Exists(Terms, t => Array.Exists(t.Factors, f => f.HasAnonymous));

    /// <summary>The polynomial of canonical terms that hold an atom, or null where it is too large.</summary>
    public static Polynomial? Create(Term[] terms)
    {
        int size = 0;
        foreach (Term term in terms)
        {
            size++;
            foreach (Atom factor in term.Factors) size += factor.Size;
        }
        return size > MaxSize ? null : new Polynomial(terms, size, null);
    }

    /// <summary>The same polynomial, written as a file writes it.</summary>
    public Polynomial WithText(string text) => new(Terms, Size, text);

    public bool Equals(Polynomial? other) => other is not null && _hash == other._hash && CompareTo(other) == 0;

    public override bool Equals(object? obj) => Equals(obj as Polynomial);

    public override int GetHashCode() => _hash;

    public int CompareTo(Polynomial other)
    {
        if (ReferenceEquals(this, other)) return 0;
        int order = Terms.Length.CompareTo(other.Terms.Length);
        for (int i = 0; order == 0 && i < Terms.Length; i++)
        {
            order = Terms[i].CompareMonomial(other.Terms[i]);
            if (order == 0) order = Terms[i].Coefficient.CompareTo(other.Terms[i].Coefficient);
        }
        return order;
    }

    public override string ToString() => _text ??= Write();

    private string Write()
    {
        int choice = Array.FindIndex(Terms, t => t is { Coefficient: 1 or -1, Factors: [{ Kind: AtomKind.PositivePart }] });
        return choice < 0 ? WriteSum() : WriteChoice(Terms[choice], [.. Terms.Where((_, i) => i != choice)]) ?? WriteSum();
    }

    /// <summary>p + max(x, 0) reads better as max(p + x, p), and p − max(x, 0) as min(p, p − x).</summary>
    private static string? WriteChoice(Term choice, List<Term> others)
    {
        IntegerExpression rest = IntegerExpression.OfTerms(others);
        IntegerExpression x = choice.Factors[0].Left;
        IntegerExpression other = choice.Coefficient > 0 ? rest + x : rest - x;
        if (other.IsUnknown) return null;
        return choice.Coefficient > 0 ? $"max({other}, {rest})" : $"min({rest}, {other})";
    }

    private string WriteSum()
    {
        var text = new StringBuilder();
        // A positive term leads where there is one: "seq - past", not "-past + seq".
        int lead = Math.Max(0, Array.FindIndex(Terms, t => t.Coefficient > 0 && t.Factors.Length > 0));
        Write(text, Terms[lead]);
        for (int i = 0; i < Terms.Length; i++)
            if (i != lead) Write(text, Terms[i]);
        return text.ToString();
    }

    private static void Write(StringBuilder text, Term term)
    {
        bool isNegative = term.Coefficient < 0;
        if (text.Length > 0) text.Append(isNegative ? " - " : " + ");
        else if (isNegative) text.Append('-');
        ulong magnitude = isNegative ? (ulong)-(term.Coefficient + 1) + 1 : (ulong)term.Coefficient;
        if (magnitude != 1 || term.Factors.Length == 0)
        {
            text.Append(CultureInfo.InvariantCulture, $"{magnitude}");
            if (term.Factors.Length > 0) text.Append('*');
        }
        text.AppendJoin('*', (object[])term.Factors);
    }
}
