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

    /// <summary>The bytes of an element; 0 for strings, and for types that .NET has no element for.</summary>
    public static int ByteSize(ManifestElementType type) => type switch
    {
        ManifestElementType.Int8 or ManifestElementType.UInt8 or ManifestElementType.Bool => 1,
        ManifestElementType.Float16 or ManifestElementType.BFloat16 or ManifestElementType.Int16 or ManifestElementType.UInt16 => 2,
        ManifestElementType.Float32 or ManifestElementType.Int32 or ManifestElementType.UInt32 => 4,
        ManifestElementType.Float64 or ManifestElementType.Int64 or ManifestElementType.UInt64 => 8,
        ManifestElementType.Complex128 => 16,
        _ => 0,
    };
}
