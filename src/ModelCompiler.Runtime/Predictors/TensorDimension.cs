using System.Globalization;

namespace ModelCompiler.Runtime;

/// <summary>A dimension of a tensor: a number, a symbol (equal symbols, equal sizes), or unknown.</summary>
public readonly record struct TensorDimension
{
    private readonly long _sizePlusOne;

    private TensorDimension(long size, string? symbol)
    {
        _sizePlusOne = size + 1;
        Symbol = symbol;
    }

    /// <summary>A dimension of which nothing is known; the default.</summary>
    public static TensorDimension Unknown => default;

    /// <summary>The number, or -1.</summary>
    public long Size => _sizePlusOne - 1;

    /// <summary>The symbol, or null.</summary>
    public string? Symbol { get; }

    public static implicit operator TensorDimension(long size) => FromInt64(size);

    public static implicit operator TensorDimension(string symbol) => FromString(symbol);

    /// <summary>A dimension of <paramref name="size"/> elements.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The size is negative.</exception>
    public static TensorDimension FromInt64(long size)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(size);
        return new(size, null);
    }

    /// <summary>A dimension known by name only.</summary>
    public static TensorDimension FromString(string symbol) => new(-1, symbol);

    /// <inheritdoc/>
    public override string ToString() => Size >= 0 ? Size.ToString(CultureInfo.InvariantCulture) : Symbol ?? "?";
}
