namespace ModelCompiler.Runtime;

/// <summary>What an input or output of a model is. The numbers are ONNX Runtime's.</summary>
public enum ValueKind
{
    Unknown = 0,
    Tensor = 1,
    Sequence = 2,
    Map = 3,
    Opaque = 4,
    SparseTensor = 5,
    Optional = 6,
}
