using ModelCompiler.Onnx;

namespace ModelCompiler.Optimizer.Data;

/// <summary>What NumPy calls element types.</summary>
internal static class NumpyTypes
{
    /// <summary>The name of the type in NumPy, or null where NumPy has none.</summary>
    public static string? NumpyName(this ElementType type) => type switch
    {
        ElementType.Bool => "bool",
        ElementType.Int8 => "int8",
        ElementType.Int16 => "int16",
        ElementType.Int32 => "int32",
        ElementType.Int64 => "int64",
        ElementType.UInt8 => "uint8",
        ElementType.UInt16 => "uint16",
        ElementType.UInt32 => "uint32",
        ElementType.UInt64 => "uint64",
        ElementType.Float16 => "float16",
        ElementType.Float => "float32",
        ElementType.Double => "float64",
        ElementType.Complex64 => "complex64",
        ElementType.Complex128 => "complex128",
        _ => null,
    };
}
