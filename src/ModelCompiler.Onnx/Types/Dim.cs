namespace ModelCompiler.Onnx;

/// <summary>
/// One dimension of a shape: a number, an expression over symbols (equal expressions are equal sizes), or unknown. Of an unknown dimension its
/// identity may still be known (<see cref="Fresh"/>): inference gives one to each, so that equality and arithmetic work without names.
/// </summary>
public readonly struct Dim : IEquatable<Dim>
{
    private readonly IntegerExpression _size;

    private Dim(IntegerExpression size) => _size = size;

    /// <summary>A dimension of which nothing is known.</summary>
    public static Dim Unknown => default;

    /// <summary>A dimension of <paramref name="value"/> elements.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative.</exception>
    public static Dim Of(long value)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(value);
        return new Dim(value);
    }

    /// <summary>A dimension that a file names; an empty name gives an unknown one, and arithmetic in it (<c>past + 1</c>) is understood.</summary>
    public static Dim Named(string? symbol) => string.IsNullOrEmpty(symbol) ? Unknown : new Dim(ExpressionParser.Parse(symbol));

    /// <summary>A dimension that is unknown but the same as itself.</summary>
    public static Dim Fresh() => new(IntegerExpression.Fresh());

    /// <summary>A dimension of that size; a negative one is unknown, for there is no such dimension.</summary>
    public static Dim Of(IntegerExpression size) => size.ValueOrNull is < 0 ? default : new Dim(size);

    /// <summary>The size as an expression.</summary>
    public IntegerExpression Size => _size;

    /// <summary>The symbol, or the expression over symbols; null for a number or an unknown dimension.</summary>
    public string? Symbol => IsKnown || IsUnknown ? null : _size.ToString();

    /// <summary>Whether the dimension is a number.</summary>
    public bool IsKnown => _size.IsKnown;

    /// <summary>Whether neither a number nor a symbol is known.</summary>
    public bool IsUnknown => _size.IsUnknown || _size.HasAnonymous;

    /// <summary>The number.</summary>
    /// <exception cref="InvalidOperationException">The dimension is symbolic or unknown.</exception>
    public long Value => _size.ValueOrNull ?? throw new InvalidOperationException($"Dimension '{this}' is not a number.");

    /// <summary>The number, or null.</summary>
    public long? ValueOrNull => _size.ValueOrNull;

    /// <summary>Whether both are certainly the same size.</summary>
    public bool IsSame(Dim other) => _size.IsSame(other._size);

    /// <summary>Whether both may be the same size: false only for two different numbers.</summary>
    public bool IsCompatible(Dim other) => !IsKnown || !other.IsKnown || Value == other.Value;

    /// <summary>The dimension with symbols replaced by what <paramref name="sizes"/> says of them.</summary>
    public Dim Substitute(IReadOnlyDictionary<string, Dim> sizes) => Of(ExpressionMath.Substitute(_size, atom =>
        atom.Kind == AtomKind.Symbol && sizes.TryGetValue(atom.Name, out Dim size) ? size._size : null));

    /// <summary>left + right.</summary>
    public static Dim Add(Dim left, Dim right) => Of(left._size + right._size);

    /// <summary>left − right.</summary>
    public static Dim Subtract(Dim left, Dim right) => Of(left._size - right._size);

    /// <summary>left · right.</summary>
    public static Dim Multiply(Dim left, Dim right) => Of(left._size * right._size);

    /// <summary>⌊left / right⌋.</summary>
    public static Dim FloorDivide(Dim left, Dim right) => Of(ExpressionMath.FloorDivide(left._size, right._size));

    /// <summary>⌈left / right⌉.</summary>
    public static Dim CeilingDivide(Dim left, Dim right) => Of(ExpressionMath.CeilingDivide(left._size, right._size));

    /// <inheritdoc/>
    public bool Equals(Dim other) => _size.Equals(other._size);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Dim other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => _size.GetHashCode();

    /// <inheritdoc/>
    public override string ToString() => _size.ToString();

    public static bool operator ==(Dim left, Dim right) => left.Equals(right);

    public static bool operator !=(Dim left, Dim right) => !left.Equals(right);

    public static Dim operator +(Dim left, Dim right) => Add(left, right);

    public static Dim operator -(Dim left, Dim right) => Subtract(left, right);

    public static Dim operator *(Dim left, Dim right) => Multiply(left, right);

    public static implicit operator Dim(long value) => Of(value);

    /// <inheritdoc cref="Of(long)"/>
    public static Dim FromInt64(long value) => Of(value);
}
