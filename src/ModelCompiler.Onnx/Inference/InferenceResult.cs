namespace ModelCompiler.Onnx;

/// <summary>What inference found at a node: something it could not infer, or a contradiction in the model.</summary>
/// <param name="Node">The node.</param>
/// <param name="Reason">Why the type, the rank or a dimension of an output stays unknown, or what contradicts what.</param>
/// <param name="IsContradiction">Whether the model contradicts itself here; inference went on with what the operators say.</param>
public sealed record InferenceIssue(Node Node, string Reason, bool IsContradiction)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Node}: {Reason}";
}

/// <summary>The outcome of inference: complete where <see cref="Issues"/> is empty.</summary>
public sealed record InferenceResult(IReadOnlyList<InferenceIssue> Issues)
{
    /// <summary>What stayed unknown, and why.</summary>
    public IEnumerable<InferenceIssue> Unknown => Issues.Where(issue => !issue.IsContradiction);

    /// <summary>Where the model contradicts itself.</summary>
    public IEnumerable<InferenceIssue> Contradictions => Issues.Where(issue => issue.IsContradiction);
}
