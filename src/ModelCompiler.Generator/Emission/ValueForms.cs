using ModelCompiler.Generator.Signatures;
using ModelCompiler.Manifests;

namespace ModelCompiler.Generator.Emission;

/// <summary>What each kind of value is in C#: as a parameter, as a member, as a result, and in calls of the runtime.</summary>
internal static class ValueForms
{
    public const string Runtime = "global::ModelCompiler.Runtime.";
    public const string Span = "global::System.ReadOnlySpan<";
    private const string Memory = "global::System.ReadOnlyMemory<";
    private const string List = "global::System.Collections.Generic.IReadOnlyList<";
    private const string Dictionary = "global::System.Collections.Generic.IReadOnlyDictionary<";
    private const string Tensor = Runtime + "PredictionTensor<";

    /// <summary>Of a parameter, which only lives for the call.</summary>
    public static string Parameter(TensorMember member) => member.IsTensor && !member.IsScalar && !member.IsImage ? Span + member.Type + ">" : Member(member);

    /// <summary>Of a property that may outlive the call.</summary>
    public static string Member(TensorMember member) => member.IsImage ? Runtime + "ImagePixels"
        : member.IsScalar ? member.Type + (member.HasDefault ? "?" : "")
        : member.IsTensor ? Memory + member.Type + ">"
        : Result(member);

    /// <summary>Of an output: a number for rank 0.</summary>
    public static string Output(TensorMember member) => member.IsScalar ? member.Type : Result(member);

    /// <summary>Of a small output of a fixed shape.</summary>
    public static string Inline(TensorMember member) => Runtime + "InlineTensor<" + member.Type + ", " + member.ElementsName + ">";

    /// <summary>Of a value that is an object.</summary>
    public static string Result(TensorMember member) => member.Value.Kind switch
    {
        ManifestValueKind.Tensor => Tensor + member.Type + ">",
        ManifestValueKind.Optional => Tensor + member.Type + ">?",
        ManifestValueKind.OptionalSequence => List + Tensor + member.Type + ">>?",
        ManifestValueKind.Map => Map(member),
        _ => List + (member.KeyType is null ? Tensor + member.Type + ">" : Map(member)) + ">",
    };

    /// <summary>The method that takes an input, with its type arguments where they cannot be inferred.</summary>
    public static string Setter(TensorMember member) => member.IsImage ? "SetImage"
        : member.HasDefault ? (member.IsScalar ? "SetScalarOrDefault" : "SetInputOrDefault")
        : member.IsScalar ? "SetScalar"
        : member.Value.Kind switch
        {
            ManifestValueKind.Tensor => "SetInput",
            ManifestValueKind.Optional => "SetOptional",
            ManifestValueKind.OptionalSequence => "SetOptionalSequence",
            ManifestValueKind.Map => "SetMap",
            _ => member.KeyType is null ? "SetSequence" : "SetMaps",
        };

    /// <summary>The call that gives an output as a number or an object.</summary>
    public static string Getter(TensorMember member, int index) => member.IsScalar
        ? (member.IsString ? "GetStringScalar(" : "GetScalar<" + member.Type + ">(") + ShapeText.Number(index) + ")"
        : ObjectGetter(member, index);

    /// <summary>The call that gives an output as an object.</summary>
    public static string ObjectGetter(TensorMember member, int index) => GetterMethod(member) + "(" + ShapeText.Number(index)
        + (member.LabelsName is { } labels ? ", " + labels : "") + ")";

    private static string GetterMethod(TensorMember member) => member.Value.Kind switch
    {
        ManifestValueKind.Tensor => member.IsString ? "GetStringOutput" : "GetOutput<" + member.Type + ">",
        ManifestValueKind.Optional => "GetOptional<" + member.Type + ">",
        ManifestValueKind.OptionalSequence => "GetOptionalSequence<" + member.Type + ">",
        ManifestValueKind.Map => "GetMap<" + member.KeyType + ", " + member.Type + ">",
        _ => member.KeyType is null ? "GetSequence<" + member.Type + ">" : "GetMaps<" + member.KeyType + ", " + member.Type + ">",
    };

    private static string Map(TensorMember member) => Dictionary + member.KeyType + ", " + member.Type + ">";
}
