namespace ModelCompiler.Runtime;

/// <summary>An input of a predictor, its sizes and symbols in arrays: symbols are numbered, so that no call looks a name up.</summary>
internal sealed class InputLayout
{
    /// <summary>A size that is not known, and a dimension that has no symbol.</summary>
    public const int None = -1;

    private InputLayout(TensorSpec spec, Dictionary<string, int> symbols)
    {
        Spec = spec;
        Rank = spec.Shape?.Count ?? None;
        var shape = spec.Shape ?? [];
        Sizes = [.. shape.Select(dimension => dimension.Size)];
        // Also of pictures: their samples are counted by bytes, and each brings its own size.
        SampleLength = (int)Math.Min(int.MaxValue, Sizes.Skip(1).Where(size => size >= 0).Aggregate(1L, (length, size) => length * size));
        Length = (int)Math.Min(int.MaxValue, Sizes.Where(size => size >= 0).Aggregate(1L, (length, size) => length * size));
        IsFixed = Rank >= 0 && spec.Kind == ValueKind.Tensor && spec.Image is null && !Sizes.Contains(None) && Length < int.MaxValue;
        Symbols = [.. shape.Select(dimension => dimension.Symbol is { } symbol ? NumberOf(symbol, symbols) : None)];
        FirstAlike = [.. Symbols.Select((symbol, axis) => symbol == None ? axis : Array.IndexOf(Symbols, symbol))];
    }

    public TensorSpec Spec { get; }

    /// <summary>The number of dimensions, or <see cref="None"/>.</summary>
    public int Rank { get; }

    /// <summary>The size of each dimension, or <see cref="None"/>.</summary>
    public long[] Sizes { get; }

    /// <summary>The elements of one sample of a batch: the product of the known sizes but the first.</summary>
    public int SampleLength { get; }

    /// <summary>The product of the known sizes.</summary>
    public int Length { get; }

    /// <summary>Whether the shape has nothing open, so that its memory never changes.</summary>
    public bool IsFixed { get; }

    /// <summary>The number of the symbol of each dimension, or <see cref="None"/>.</summary>
    public int[] Symbols { get; }

    /// <summary>For each dimension the first one with its symbol: itself, where no other has it.</summary>
    public int[] FirstAlike { get; }

    /// <summary>The elements that one sample of a batch has; all, where the input has no batch.</summary>
    public int ElementsPer(int? batchSize) => Rank > 0 && (Sizes[0] == None || Sizes[0] == batchSize) ? SampleLength : Length;

    /// <summary>Layouts of all inputs, whose symbols count from 0 together.</summary>
    public static InputLayout[] Of(IReadOnlyList<TensorSpec> inputs)
    {
        var symbols = new Dictionary<string, int>(StringComparer.Ordinal);
        return [.. inputs.Select(input => new InputLayout(input, symbols))];
    }

    private static int NumberOf(string symbol, Dictionary<string, int> symbols)
    {
        if (!symbols.TryGetValue(symbol, out int number))
        {
            number = symbols.Count;
            symbols.Add(symbol, number);
        }

        return number;
    }
}
