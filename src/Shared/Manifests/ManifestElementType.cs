namespace ModelCompiler.Manifests;

/// <summary>Element types of tensors, as far as ONNX has them; the names in a manifest are these in lower case.</summary>
internal enum ManifestElementType
{
    Float16,
    BFloat16,
    Float32,
    Float64,
    Int8,
    Int16,
    Int32,
    Int64,
    UInt8,
    UInt16,
    UInt32,
    UInt64,
    Bool,
    String,
    Complex64,
    Complex128,
    Int4,
    UInt4,
    Float4E2M1,
    Float8E4M3FN,
    Float8E4M3FNUZ,
    Float8E5M2,
    Float8E5M2FNUZ,
}
