namespace ModelCompiler.Manifests;

/// <summary>
/// The one contract between the build half and the run half: the tool writes it beside each compiled model, and
/// the generator reads nothing else.
/// </summary>
internal sealed record ModelManifest
{
    public const int CurrentSchemaVersion = 1;

    /// <summary>The name of the item's outputs, from its file name or its <c>Name</c>.</summary>
    public required string Name { get; init; }

    /// <summary>The generated type as the item asks for it; null: made from <see cref="Name"/>.</summary>
    public string? ClassName { get; init; }

    /// <summary>Namespace of the generated type; empty: the global one.</summary>
    public required string Namespace { get; init; }

    /// <summary>Whether the generated type is public rather than internal.</summary>
    public bool IsPublic { get; init; } = true;

    /// <summary>Whether the model travels in the assembly and not as a file beside it.</summary>
    public bool IsEmbedded { get; init; }

    /// <summary>The compiled model.</summary>
    public required ManifestFile Model { get; init; }

    /// <summary>Files with external data of the compiled model.</summary>
    public EquatableArray<ManifestFile> ExternalData { get; init; }

    /// <summary>The model that was compiled.</summary>
    public required ManifestFile Source { get; init; }

    public required string ToolVersion { get; init; }

    /// <summary>The lowest version of ModelCompiler.Runtime that can run the model.</summary>
    public required string MinimumRuntimeVersion { get; init; }

    /// <summary>The lowest version of ONNX Runtime's C API that can run the model.</summary>
    public required int MinimumOrtApiVersion { get; init; }

    /// <summary>As in the item's metadata, such as <c>Int8</c>.</summary>
    public required string Precision { get; init; }

    /// <summary>In order of preference, as in the item's metadata.</summary>
    public required EquatableArray<string> ExecutionProviders { get; init; }

    /// <summary>Options of these providers, checked when the model was compiled.</summary>
    public EquatableArray<ManifestProviderOption> ProviderOptions { get; init; }

    /// <summary>Names of nodes that compute shapes, which providers leave to the CPU.</summary>
    public EquatableArray<string> HostNodes { get; init; }

    /// <summary>Whether products of bytes could saturate on processors without VNNI, so that sessions must ask for exact ones.</summary>
    public bool NeedsExactIntegers { get; init; }

    /// <summary>Version of the default operator set.</summary>
    public required int Opset { get; init; }

    public required EquatableArray<ManifestValue> Inputs { get; init; }

    public required EquatableArray<ManifestValue> Outputs { get; init; }

    public ManifestBatch Batch { get; init; } = ManifestBatch.Default;
}
