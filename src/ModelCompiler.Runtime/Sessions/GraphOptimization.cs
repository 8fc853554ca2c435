namespace ModelCompiler.Runtime;

/// <summary>How far ONNX Runtime rewrites a graph when it loads it, with its numbers.</summary>
public enum GraphOptimization
{
    /// <summary>Not at all.</summary>
    None = 0,

    /// <summary>What holds on every provider: constant folding, redundant nodes.</summary>
    Basic = 1,

    /// <summary>Fusions that need the provider's own operators.</summary>
    Extended = 2,

    /// <summary>Everything, memory layout included.</summary>
    All = 99,
}
