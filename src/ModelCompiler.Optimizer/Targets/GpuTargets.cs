using ModelCompiler.Optimizer.Compilation;
using static ModelCompiler.Optimizer.Targets.OperatorNames;

namespace ModelCompiler.Optimizer.Targets;

/// <summary>
/// GPUs. Operator tables are from the documentation of ONNX Runtime 1.30 (docs/OperatorKernels.md, js/web/docs/webgpu-operators.md) and of
/// onnx-tensorrt for TensorRT 10. Where the provider is present, ONNX Runtime's own assignment counts and not these.
/// </summary>
internal static class GpuTargets
{
    private static readonly HashSet<Precision> Floats = [Precision.Float32, Precision.Float16];

    /// <summary>8-bit products have no kernels: they would be converted back.</summary>
    public static TargetProfile Cuda { get; } = new()
    {
        Name = "Cuda",
        MaxOpset = 22,
        Precisions = Floats,
        ComputesHalf = true,
        Operators = SetOf(
            Arithmetic, Activations, Shapes, Reductions, Comparisons, Networks,
            "LayerNormalization LogSoftmax LSTM GRU RNN Einsum Erf Sin Cos Round Sign Mod Softplus Softsign Selu ThresholdedRelu HardSwish Mish PRelu",
            "Pad Resize Upsample Tile CumSum TopK ArgMax ArgMin GatherElements GatherND ScatterElements ScatterND NonZero NonMaxSuppression Range OneHot",
            "ConstantOfShape Constant Size EyeLike DepthToSpace SpaceToDepth LRN GridSample RoiAlign Trilu Compress ReverseSequence",
            "ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceSumSquare Sum MatMulInteger DequantizeLinear QuantizeLinear",
            "If Loop Scan Dropout RandomNormal RandomUniform IsInf IsNaN Xor BitShift Hardmax GlobalLpPool LpPool MaxRoiPool LpNormalization"),
    };

    /// <summary>Engines of subgraphs. Int8 would need signed activations around zero, which no graph is laid out for yet.</summary>
    public static TargetProfile TensorRt { get; } = new()
    {
        Name = "TensorRt",
        MaxOpset = 22,
        Precisions = Floats,
        ComputesHalf = true,
        Operators = SetOf(
            Arithmetic, Activations, Shapes, Reductions, Comparisons, Networks,
            "LayerNormalization LogSoftmax LSTM GRU RNN Einsum Erf Sin Cos Tan Asin Acos Atan Sinh Cosh Asinh Acosh Atanh Round Sign Mod",
            "Softplus Softsign Selu ThresholdedRelu HardSwish Mish PRelu Pad Resize Upsample Tile CumSum TopK ArgMax ArgMin GatherElements GatherND",
            "ScatterElements ScatterND NonZero NonMaxSuppression Range OneHot ConstantOfShape Constant Size EyeLike DepthToSpace SpaceToDepth LRN",
            "GridSample RoiAlign Trilu ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceSumSquare Sum Mean DequantizeLinear QuantizeLinear",
            "If Loop Scan Dropout RandomNormal RandomUniform IsInf IsNaN Xor Hardmax GroupNormalization LpNormalization LpPool GlobalLpPool"),
    };

    /// <summary>Any GPU on Windows: nearly all operators, with open dimensions as well.</summary>
    public static TargetProfile DirectMl { get; } = new()
    {
        Name = "DirectMl",
        MaxOpset = 20,
        Precisions = Floats,
        ComputesHalf = true,
        Operators = SetOf(
            [.. Cuda.Operators!, "MatMulInteger ConvInteger QLinearConv QLinearMatMul DynamicQuantizeLinear MeanVarianceNormalization Tan Asin Acos Atan Sinh Cosh Asinh Acosh Atanh"]),
    };

    /// <summary>Computes in float32, and in float16 where the device has it; integers of 64 bits are left to the CPU.</summary>
    public static TargetProfile WebGpu { get; } = new()
    {
        Name = "WebGpu",
        MaxOpset = 22,
        Precisions = Floats,
        Operators = SetOf(
            Arithmetic, Activations, Shapes, Reductions, Comparisons, Networks,
            "LayerNormalization Erf Sin Cos Tan Asin Acos Atan Sinh Cosh Asinh Acosh Atanh Round Sign HardSwish ThresholdedRelu Selu Softplus Softsign PRelu",
            "Pad Resize Tile CumSum ArgMax ArgMin GatherElements GatherND ScatterElements ScatterND Range Einsum If DepthToSpace SpaceToDepth TopK",
            "ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceSumSquare DequantizeLinear Trilu GridSample Constant ConstantOfShape GroupNormalization"),
    };
}
