namespace ModelCompiler.Onnx;

/// <summary>What an <see cref="Atom"/> stands for.</summary>
internal enum AtomKind
{
    /// <summary>A named size.</summary>
    Symbol,

    /// <summary>A size of which only its identity is known.</summary>
    Anonymous,

    /// <summary>⌊left / right⌋.</summary>
    FloorQuotient,

    /// <summary>max(left, 0).</summary>
    PositivePart,
}

/// <summary>An indivisible factor of a <see cref="Polynomial"/>: a size, or a function that does not expand into sums and products.</summary>
internal sealed class Atom : IEquatable<Atom>, IComparable<Atom>
{
    private static long _lastIdentity;

    private readonly string _name;
    private readonly long _identity;
    private readonly int _hash;

    private Atom(AtomKind kind, string name, long identity, IntegerExpression left, IntegerExpression right)
    {
        Kind = kind;
        _name = name;
        _identity = identity;
        Left = left;
        Right = right;
        Size = 1 + left.Size + right.Size;
        HasAnonymous = kind == AtomKind.Anonymous || left.HasAnonymous || right.HasAnonymous;
        _hash = HashCode.Combine(kind, name, identity, left, right);
    }

    public AtomKind Kind { get; }

    /// <summary>The operand of a function, or its first.</summary>
    public IntegerExpression Left { get; }

    /// <summary>The second operand of a quotient.</summary>
    public IntegerExpression Right { get; }

    /// <summary>The number of atoms in it, which is what the limit on expressions counts.</summary>
    public int Size { get; }

    /// <summary>Whether a size without a name is in it, so that it cannot be written down.</summary>
    public bool HasAnonymous { get; }

    /// <summary>The name of a symbol, or empty.</summary>
    public string Name => _name;

    /// <summary>The serial number of an anonymous size: later ones are higher.</summary>
    public long Identity => _identity;

    /// <summary>The serial number of the latest anonymous size.</summary>
    public static long LastIdentity => Interlocked.Read(ref _lastIdentity);

    public static Atom Symbol(string name) => new(AtomKind.Symbol, name, 0, default, default);

    public static Atom Anonymous() => new(AtomKind.Anonymous, "", Interlocked.Increment(ref _lastIdentity), default, default);

    public static Atom Function(AtomKind kind, IntegerExpression left, IntegerExpression right) => new(kind, "", 0, left, right);

    public int CompareTo(Atom? other)
    {
        if (other is null) return 1;
        if (ReferenceEquals(this, other)) return 0;
        int order = Kind.CompareTo(other.Kind);
        if (order == 0) order = string.CompareOrdinal(_name, other._name);
        if (order == 0) order = _identity.CompareTo(other._identity);
        if (order == 0) order = Left.CompareTo(other.Left);
        return order != 0 ? order : Right.CompareTo(other.Right);
    }

    public bool Equals(Atom? other) => other is not null && _hash == other._hash && CompareTo(other) == 0;

    public override bool Equals(object? obj) => Equals(obj as Atom);

    public override int GetHashCode() => _hash;

    public override string ToString() => Kind switch
    {
        AtomKind.Symbol => _name,
        AtomKind.FloorQuotient => $"floor({Left.ToOperandString()}/{Right.ToOperandString()})",
        AtomKind.PositivePart => $"max({Left}, 0)",
        _ => "?",
    };
}
