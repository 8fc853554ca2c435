namespace ModelCompiler.Manifests;

/// <summary>What an input or output holds. Names in a manifest are these in lower case.</summary>
internal enum ManifestValueKind
{
    Tensor,
    Sequence,
    Map,
    Optional,
    OptionalSequence,
}

/// <summary>One input or output of the compiled graph.</summary>
internal sealed record ManifestValue
{
    /// <summary>The name in the graph, as raw as the model has it.</summary>
    public required string Name { get; init; }

    /// <summary>The name of its members in C#, as the item asks for it; null: made from <see cref="Name"/>.</summary>
    public string? Member { get; init; }

    public ManifestValueKind Kind { get; init; }

    /// <summary>The type of the keys of a map, or of the maps in a sequence; otherwise null.</summary>
    public ManifestElementType? KeyType { get; init; }

    /// <summary>Of a tensor its elements; of a sequence, optional or map the elements of the tensors or values within.</summary>
    public required ManifestElementType ElementType { get; init; }

    /// <summary>Empty for rank 0; null where the rank itself is unknown.</summary>
    public required EquatableArray<ManifestDimension>? Shape { get; init; }

    /// <summary>Of an input that carries state from call to call: the name of the output that feeds it; otherwise null.</summary>
    public string? State { get; init; }

    /// <summary>Of an output with a score for each class: the names of the classes; otherwise empty.</summary>
    public EquatableArray<string> Labels { get; init; }

    /// <summary>Of an input that takes pictures; otherwise null.</summary>
    public ManifestImage? Image { get; init; }

    /// <summary>Of an input: whether the model has a value for it where a caller gives none.</summary>
    public bool HasDefault { get; init; }

    /// <summary>The model's own words about the value; never to be put into source text.</summary>
    public string? Doc { get; init; }
}
