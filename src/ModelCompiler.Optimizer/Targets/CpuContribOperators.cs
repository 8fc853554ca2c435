using System.Collections.Frozen;

namespace ModelCompiler.Optimizer.Targets;

/// <summary>ONNX Runtime's own operators on quantized weights whose kernels its CPU provider has, on every CPU that it runs on.</summary>
internal static class CpuContribOperators
{
    public static FrozenSet<string> All { get; } = new[]
    {
        "MatMulIntegerToFloat", "QGemm", "DynamicQuantizeLSTM", "MatMulNBits", "GatherBlockQuantized",
    }.ToFrozenSet();
}
