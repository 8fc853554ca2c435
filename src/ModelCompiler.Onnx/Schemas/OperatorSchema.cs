using System.Collections.Frozen;

namespace ModelCompiler.Onnx;

/// <summary>An attribute of an operator: of which kind it is, and whether a node must have it.</summary>
public readonly record struct AttributeSchema(AttributeKind Kind, bool IsRequired);

/// <summary>The signature of an operator from one version of its operator set on.</summary>
public sealed record OperatorSchema
{
    /// <summary>The domain; empty for ONNX's own.</summary>
    public required string Domain { get; init; }

    /// <summary>The operator's name.</summary>
    public required string Name { get; init; }

    /// <summary>The version of the operator set that brought this signature or changed what it means.</summary>
    public required long SinceVersion { get; init; }

    /// <summary>Whether the operator must not be used from this version on. Nothing else is known of it then.</summary>
    public bool IsDeprecated { get; init; }

    /// <summary>Whether a node that was valid in the version before is valid in this one, and computes the same.</summary>
    public bool IsCompatible { get; init; }

    /// <summary>The least and the most inputs that a node may list; <see cref="int.MaxValue"/> where there is no bound.</summary>
    public (int Min, int Max) Inputs { get; init; }

    /// <summary>The least and the most outputs that a node may list.</summary>
    public (int Min, int Max) Outputs { get; init; }

    /// <summary>The attributes by name, or null where they are not known.</summary>
    public FrozenDictionary<string, AttributeSchema>? Attributes { get; init; }

    /// <summary>How many of the attributes a node must have.</summary>
    public int RequiredAttributes { get; init; }
}
