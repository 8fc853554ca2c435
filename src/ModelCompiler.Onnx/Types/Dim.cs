using System.Globalization;

namespace ModelCompiler.Onnx;

/// <summary>One dimension of a shape: a number, a symbol (equal symbols are equal sizes), or unknown (equal to nothing, not even itself in <see cref="IsSame"/>).</summary>
public readonly struct Dim : IEquatable<Dim>
{
    private readonly long _value;
    private readonly bool _isKnown;

    private Dim(long value, bool isKnown, string? symbol)
    {
        _value = value;
        _isKnown = isKnown;
        Symbol = symbol;
    }

    /// <summary>A dimension of which nothing is known.</summary>
    public static Dim Unknown => default;

    /// <summary>A dimension of <paramref name="value"/> elements.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative.</exception>
    public static Dim Of(long value)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(value);
        return new Dim(value, true, null);
    }

    /// <summary>A dimension known by name only; an empty name gives an unknown one.</summary>
    public static Dim Named(string? symbol) => string.IsNullOrEmpty(symbol) ? Unknown : new Dim(0, false, symbol);

    /// <summary>The symbol, or null for a number or an unknown dimension.</summary>
    public string? Symbol { get; }

    /// <summary>Whether the dimension is a number.</summary>
    public bool IsKnown => _isKnown;

    /// <summary>Whether neither a number nor a symbol is known.</summary>
    public bool IsUnknown => !_isKnown && Symbol is null;

    /// <summary>The number.</summary>
    /// <exception cref="InvalidOperationException">The dimension is symbolic or unknown.</exception>
    public long Value => _isKnown ? _value : throw new InvalidOperationException($"Dimension '{this}' is not a number.");

    /// <summary>The number, or null.</summary>
    public long? ValueOrNull => _isKnown ? _value : null;

    /// <summary>Whether both are certainly the same size.</summary>
    public bool IsSame(Dim other) => !IsUnknown && Equals(other);

    /// <summary>Whether both may be the same size: false only for two different numbers.</summary>
    public bool IsCompatible(Dim other) => !_isKnown || !other._isKnown || _value == other._value;

    /// <inheritdoc/>
    public bool Equals(Dim other) => _isKnown == other._isKnown && _value == other._value && string.Equals(Symbol, other.Symbol, StringComparison.Ordinal);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Dim other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_isKnown, _value, Symbol);

    /// <inheritdoc/>
    public override string ToString() => _isKnown ? _value.ToString(CultureInfo.InvariantCulture) : Symbol ?? "?";

    public static bool operator ==(Dim left, Dim right) => left.Equals(right);

    public static bool operator !=(Dim left, Dim right) => !left.Equals(right);

    public static implicit operator Dim(long value) => Of(value);

    /// <inheritdoc cref="Of"/>
    public static Dim FromInt64(long value) => Of(value);
}
