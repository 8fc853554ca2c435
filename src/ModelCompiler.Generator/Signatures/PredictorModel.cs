using ModelCompiler.Manifests;

namespace ModelCompiler.Generator.Signatures;

/// <summary>
/// All that a predictor's source is made of. Equal for equal manifests, so that the compiler need not emit again;
/// every text outside of the manifest is safe to write.
/// </summary>
internal sealed record PredictorModel
{
    /// <summary>Empty for the global namespace.</summary>
    public required string Namespace { get; init; }

    public required string ClassName { get; init; }

    public required string ResultName { get; init; }

    public required bool IsPublic { get; init; }

    /// <summary>What the predictor is made from.</summary>
    public required ModelManifest Manifest { get; init; }

    public required EquatableArray<TensorMember> Inputs { get; init; }

    public required EquatableArray<TensorMember> Outputs { get; init; }

    /// <summary>Sizes that the caller gives because the model leaves them open.</summary>
    public required EquatableArray<SizeParameter> Sizes { get; init; }

    /// <summary>Whether the one open size is that of the batch, so that a call for a single sample needs none.</summary>
    public required bool HasBatch { get; init; }

    public string FullName => Qualified(ClassName);

    /// <summary>File name of the source; a backslash of an escaped letter would be a directory.</summary>
    public string HintName => FullName.Replace('\\', '_').Replace("@", "") + ".g.cs";

    public string Qualified(string name) => Namespace.Length == 0 ? name : Namespace + "." + name;
}

/// <summary>An input as a parameter, or an output as a property.</summary>
/// <param name="Name">The C# name: of a parameter for an input, of a property for an output.</param>
/// <param name="ConstantName">The name of the constant with the raw name.</param>
/// <param name="RawName">The name in the graph; only for literals.</param>
/// <param name="ElementType">The element type in the manifest.</param>
/// <param name="Type">The .NET type of an element, as source.</param>
/// <param name="Dimensions">The shape; null where the rank is unknown.</param>
internal sealed record TensorMember(
    string Name,
    string ConstantName,
    string RawName,
    ManifestElementType ElementType,
    string Type,
    EquatableArray<TensorDimension>? Dimensions)
{
    /// <summary>The parameter for the shape of an input of unknown rank; otherwise null.</summary>
    public string? ShapeName { get; init; }

    public bool IsScalar => Dimensions is { Count: 0 };
}

/// <summary>A number, or the name of the size that stands for it; neither for an output's size that the run finds.</summary>
internal sealed record TensorDimension(long? Value, string? Size);

/// <summary>An <c>int</c> parameter for a size that the model leaves open.</summary>
/// <param name="Name">The parameter's name.</param>
internal sealed record SizeParameter(string Name);
