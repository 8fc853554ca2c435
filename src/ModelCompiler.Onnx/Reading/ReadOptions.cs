namespace ModelCompiler.Onnx;

/// <summary>How a model is read.</summary>
public sealed record ReadOptions
{
    /// <summary>The defaults.</summary>
    public static ReadOptions Default { get; } = new();

    /// <summary>
    /// A folder that links beside the model may lead into, as the cache of Hugging Face has them; null where external data must lie in the
    /// model's own folder.
    /// </summary>
    public string? ExternalDataRoot { get; init; }
}
