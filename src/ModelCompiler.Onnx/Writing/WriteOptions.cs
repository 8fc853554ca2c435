namespace ModelCompiler.Onnx;

/// <summary>How a model is written.</summary>
public sealed record WriteOptions
{
    /// <summary>The defaults.</summary>
    public static WriteOptions Default { get; } = new();

    /// <summary>Whether weights go to a file beside the model, <c>&lt;model&gt;.data</c>. They do in any case where one file could not hold them.</summary>
    public bool ExternalData { get; init; }

    /// <summary>
    /// Initializers of fewer bytes stay in the model. ONNX's own tools use the same bound; a much lower one makes files that ONNX Runtime does
    /// not load, because it looks at shapes and the like before it opens the data.
    /// </summary>
    public long ExternalDataThreshold { get; init; } = 1024;

    /// <summary>Whether the types of inner values are written, as far as they are known.</summary>
    public bool InnerTypes { get; init; } = true;
}
