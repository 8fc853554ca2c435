namespace ModelCompiler.Runtime;

/// <summary>An input or output as a predictor was generated for it.</summary>
/// <param name="Name">The name in the graph.</param>
/// <param name="ElementType">The type of the elements.</param>
/// <param name="Shape">Empty for rank 0; null where the rank is unknown.</param>
public sealed record TensorSpec(string Name, TensorElementType ElementType, IReadOnlyList<TensorDimension>? Shape)
{
    /// <summary>Whether it is a tensor or something that holds tensors, whose elements and shape these then are.</summary>
    public ValueKind Kind { get; init; } = ValueKind.Tensor;

    /// <summary>The type of the keys of a map, or of the maps in a sequence.</summary>
    public TensorElementType KeyType { get; init; }

    /// <summary>Of an input: whether the model has a value for it where a call gives none.</summary>
    public bool HasDefault { get; init; }

    /// <summary>Of an input that takes pictures; otherwise null.</summary>
    public ImageSpec? Image { get; init; }

    /// <summary>As in <c>float32[batch, 3, ?]</c>.</summary>
    public override string ToString()
    {
        string tensor = ElementType.Name() + (Shape is null ? "[...]" : $"[{string.Join(", ", Shape)}]");
        string value = KeyType == TensorElementType.Undefined ? tensor : $"map({KeyType.Name()}, {tensor})";
        return Kind is ValueKind.Tensor or ValueKind.Map ? value : $"{Kind.ToString().ToLowerInvariant()}({value})";
    }
}
