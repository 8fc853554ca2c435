namespace ModelCompiler.Runtime;

/// <summary>An execution provider and its options, as ONNX Runtime names them.</summary>
public sealed record ExecutionProviderChoice(ExecutionProvider Provider, IReadOnlyDictionary<string, string> Options)
{
    public ExecutionProviderChoice(ExecutionProvider provider)
        : this(provider, new Dictionary<string, string>())
    {
    }
}
