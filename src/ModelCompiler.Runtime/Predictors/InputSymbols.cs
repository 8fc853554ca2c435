namespace ModelCompiler.Runtime;

/// <summary>The symbols in the shapes of a predictor's inputs, numbered, so that a call can compare sizes without looking names up.</summary>
internal sealed class InputSymbols
{
    private readonly int[][] _numbers;

    public InputSymbols(IReadOnlyList<TensorSpec> inputs)
    {
        var numbers = new Dictionary<string, int>(StringComparer.Ordinal);
        _numbers = [.. inputs.Select(input => (input.Shape ?? []).Select(dimension => NumberOf(numbers, dimension)).ToArray())];
        Count = numbers.Count;
    }

    /// <summary>How many symbols there are.</summary>
    public int Count { get; }

    /// <summary>The number of the symbol of each dimension of an input; -1 where there is none.</summary>
    public ReadOnlySpan<int> Of(int input) => _numbers[input];

    private static int NumberOf(Dictionary<string, int> numbers, TensorDimension dimension)
    {
        if (dimension.Symbol is not { } symbol)
        {
            return -1;
        }

        if (!numbers.TryGetValue(symbol, out int number))
        {
            number = numbers.Count;
            numbers.Add(symbol, number);
        }

        return number;
    }
}
