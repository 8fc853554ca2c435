namespace ModelCompiler.Onnx;

/// <summary>A constant in coordinate form: <paramref name="Values"/> [NNZ], <paramref name="Indices"/> [NNZ] (linear) or [NNZ, rank].</summary>
public sealed record SparseTensor(string Name, Tensor Values, Tensor Indices, ReadOnlyMemory<long> Dims);
