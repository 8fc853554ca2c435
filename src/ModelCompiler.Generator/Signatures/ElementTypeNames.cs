using ModelCompiler.Manifests;

namespace ModelCompiler.Generator.Signatures;

/// <summary>The .NET types that hold tensor elements, as source text.</summary>
internal static class ElementTypeNames
{
    /// <summary>Null for a type that .NET has no element for.</summary>
    public static string? CSharp(ManifestElementType type) => type switch
    {
        ManifestElementType.Float16 => "global::System.Half",
        ManifestElementType.BFloat16 => "global::ModelCompiler.Runtime.BFloat16",
        ManifestElementType.Float32 => "float",
        ManifestElementType.Float64 => "double",
        ManifestElementType.Int8 => "sbyte",
        ManifestElementType.Int16 => "short",
        ManifestElementType.Int32 => "int",
        ManifestElementType.Int64 => "long",
        ManifestElementType.UInt8 => "byte",
        ManifestElementType.UInt16 => "ushort",
        ManifestElementType.UInt32 => "uint",
        ManifestElementType.UInt64 => "ulong",
        ManifestElementType.Bool => "bool",
        ManifestElementType.String => "string",
        ManifestElementType.Complex128 => "global::System.Numerics.Complex",
        _ => null,
    };
}
