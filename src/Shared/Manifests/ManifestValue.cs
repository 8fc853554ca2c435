namespace ModelCompiler.Manifests;

/// <summary>What an input or output holds. Names in a manifest are these in lower case.</summary>
internal enum ManifestValueKind
{
    Tensor,
    Sequence,
    Map,
    Optional,
}

/// <summary>One input or output of the compiled graph.</summary>
internal sealed record ManifestValue
{
    /// <summary>The name in the graph, as raw as the model has it.</summary>
    public required string Name { get; init; }

    public ManifestValueKind Kind { get; init; }

    /// <summary>Of a tensor its elements; of a sequence, optional or map the elements of the tensors or values within.</summary>
    public required ManifestElementType ElementType { get; init; }

    /// <summary>Empty for rank 0; null where the rank itself is unknown.</summary>
    public required EquatableArray<ManifestDimension>? Shape { get; init; }

    /// <summary>The model's own words about the value; never to be put into source text.</summary>
    public string? Doc { get; init; }
}
