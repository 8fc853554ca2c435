namespace ModelCompiler.Manifests;

/// <summary>One dimension of a shape: a number, a symbol that is bound at run time, or unknown (neither).</summary>
internal readonly record struct ManifestDimension
{
    private ManifestDimension(long? value, string? symbol)
    {
        Value = value;
        Symbol = symbol;
    }

    public static ManifestDimension Unknown => default;

    public long? Value { get; }

    public string? Symbol { get; }

    public static ManifestDimension Fixed(long value) =>
        value >= 0 ? new(value, null) : throw new ArgumentOutOfRangeException(nameof(value), "A dimension is not negative.");

    /// <summary>In ONNX an empty symbol is none.</summary>
    public static ManifestDimension Symbolic(string symbol) => new(null, symbol.Length > 0 ? symbol : null);
}
