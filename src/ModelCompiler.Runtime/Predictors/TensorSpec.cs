namespace ModelCompiler.Runtime;

/// <summary>An input or output as a predictor was generated for it.</summary>
/// <param name="Name">The name in the graph.</param>
/// <param name="ElementType">The type of the elements.</param>
/// <param name="Shape">Empty for rank 0; null where the rank is unknown.</param>
public sealed record TensorSpec(string Name, TensorElementType ElementType, IReadOnlyList<TensorDimension>? Shape)
{
    /// <summary>As in <c>float32[batch, 3, ?]</c>.</summary>
    public override string ToString() => ElementType.Name() + (Shape is null ? "[...]" : $"[{string.Join(", ", Shape)}]");
}
