namespace ModelCompiler.Runtime;

/// <summary>Room for the elements of an output of a fixed shape, for generated code: an inline array of their number.</summary>
public interface IInlineElements
{
    /// <summary>The dimensions; empty for rank 0.</summary>
    static abstract ReadOnlySpan<long> Shape { get; }

    /// <summary>The names of the classes along the last dimension; null where the model has none.</summary>
    static abstract IReadOnlyList<string>? Labels { get; }
}
