using ModelCompiler.Manifests;

namespace ModelCompiler.Generator.Signatures;

/// <summary>An input or output as a parameter and a member.</summary>
/// <param name="Value">What the manifest says; its texts only for literals.</param>
/// <param name="Name">The C# name of the parameter; for an output, of the one for its destination.</param>
/// <param name="MemberName">The C# name of the property.</param>
/// <param name="ConstantName">The name of the constant with the raw name.</param>
/// <param name="Type">The .NET type of an element, as source.</param>
/// <param name="Dimensions">The shape; null where the rank is unknown.</param>
internal sealed record TensorMember(
    ManifestValue Value,
    string Name,
    string MemberName,
    string ConstantName,
    string Type,
    EquatableArray<TensorDimension>? Dimensions)
{
    /// <summary>The parameter for the shape of an input of unknown rank; otherwise null.</summary>
    public string? ShapeName { get; init; }

    /// <summary>The property of a request, which has both inputs and outputs.</summary>
    public string RequestMember { get; init; } = "";

    /// <summary>The property for a shape that only a run, or the caller, knows.</summary>
    public string ShapeMember { get; init; } = "";

    /// <summary>The method of a request that sets what no span can show.</summary>
    public string SetterName { get; init; } = "";

    /// <summary>The type that has room for the elements of a small output.</summary>
    public string ElementsName { get; init; } = "";

    /// <summary>The .NET type of a map's keys, as source; otherwise null.</summary>
    public string? KeyType { get; init; }

    /// <summary>Whether a stream carries it from call to call, so that no caller sees it.</summary>
    public bool IsState { get; init; }

    /// <summary>The property with the names of the classes of an output; otherwise null.</summary>
    public string? LabelsName { get; init; }

    /// <summary>The name in the graph; only for literals.</summary>
    public string RawName => Value.Name;

    public bool IsTensor => Value.Kind == ManifestValueKind.Tensor;

    public bool IsImage => Value.Image is not null;

    /// <summary>Whether a caller may leave it to the model's own value.</summary>
    public bool HasDefault => Value.HasDefault;

    public bool IsString => Type == "string";

    public bool IsScalar => IsTensor && Dimensions is { Count: 0 };

    /// <summary>Whether spans show its elements in place.</summary>
    public bool IsInPlace => IsTensor && !IsImage && !IsString && !HasDefault;

    /// <summary>Whether the caller gives its shape, or a part of it.</summary>
    public bool IsOpen => ShapeName is not null || Sizes.Any();

    /// <summary>The sizes that the caller gives for its shape; those of a picture are the picture's.</summary>
    public IEnumerable<string> Sizes => (Dimensions ?? []).Where((_, axis) => !IsImage || axis == 0).Select(dimension => dimension.Size).OfType<string>().Distinct();
}

/// <summary>A number, or the name of the size that stands for it; neither for an output's size that the run finds.</summary>
/// <param name="Value">The number.</param>
/// <param name="Size">The name of the parameter.</param>
/// <param name="Starts">Whether it is empty when a stream begins, and grows.</param>
internal sealed record TensorDimension(long? Value, string? Size, bool Starts = false);

/// <summary>An <c>int</c> for a size that the model leaves open.</summary>
/// <param name="Name">The name of the parameter.</param>
/// <param name="MemberName">The name of the property.</param>
/// <param name="IsOfStream">Whether it is the same for all calls of a stream.</param>
internal sealed record SizeParameter(string Name, string MemberName, bool IsOfStream);
