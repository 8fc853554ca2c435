namespace ModelCompiler.Runtime;

/// <summary>Element types of tensors. The numbers are those of the ONNX format and of ONNX Runtime, which agree as far as this list goes.</summary>
public enum TensorElementType
{
    Undefined = 0,
    Float32 = 1,
    UInt8 = 2,
    Int8 = 3,
    UInt16 = 4,
    Int16 = 5,
    Int32 = 6,
    Int64 = 7,
    String = 8,
    Bool = 9,
    Float16 = 10,
    Float64 = 11,
    UInt32 = 12,
    UInt64 = 13,
    Complex64 = 14,
    Complex128 = 15,
    BFloat16 = 16,
    Float8E4M3FN = 17,
    Float8E4M3FNUZ = 18,
    Float8E5M2 = 19,
    Float8E5M2FNUZ = 20,

    /// <summary>Two elements in a byte, the first in the low half.</summary>
    UInt4 = 21,

    /// <summary>Two elements in a byte, the first in the low half.</summary>
    Int4 = 22,

    /// <summary>Two elements in a byte, the first in the low half.</summary>
    Float4E2M1 = 23,
}
