namespace ModelCompiler.Manifests;

/// <summary>Element types of tensors; the names in a manifest are these in lower case.</summary>
internal enum TensorElementType
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
}
