using System.Collections.Frozen;
using ModelCompiler.Optimizer.Compilation;
using static ModelCompiler.Optimizer.Targets.OperatorNames;

namespace ModelCompiler.Optimizer.Targets;

/// <summary>
/// GPUs. Operator tables are from the documentation of ONNX Runtime 1.30 (docs/OperatorKernels.md, js/web/docs/webgpu-operators.md) and of
/// onnx-tensorrt for TensorRT 10. Where the provider is present, ONNX Runtime's own assignment counts and not these.
/// </summary>
internal static class GpuTargets
{
    private const string NoIntegers = "it has no kernels for products of 8-bit integers, which it would turn back into floats at each layer";

    private static readonly HashSet<Precision> Floats = [Precision.Float32, Precision.Float16, Precision.BFloat16];

    /// <summary>CUDA's kernels in bfloat16. TensorRT takes at least these of a graph, on GPUs that multiply in it (compute capability 8.0), and leaves the rest to CUDA.</summary>
    private static readonly FrozenSet<string> BFloat16 = SetOf(
        "Abs Add Sub Mul Div Pow Sqrt Exp Neg Max Min Mod Sum Erf Sign Relu Sigmoid Tanh Gelu HardSigmoid HardSwish Softmax LayerNormalization",
        "MatMul Gemm Conv AveragePool Identity Cast Reshape Flatten Squeeze Unsqueeze Transpose Concat Split Slice Gather GatherElements GatherND Expand Shape Size",
        "Tile Trilu Where Compress ConstantOfShape ScatterElements ScatterND ReduceSum IsInf IsNaN Dropout If Loop Scan",
        "Attention MultiHeadAttention GroupQueryAttention RotaryEmbedding FastGelu QuickGelu BiasGelu SimplifiedLayerNormalization SkipLayerNormalization",
        "SkipSimplifiedLayerNormalization FusedMatMul");

    public static TargetProfile Cuda { get; } = new()
    {
        Name = "Cuda",
        RunsHere = false,
        MaxOpset = 22,
        Precisions = Floats,
        OtherPrecisions = NoIntegers,
        ComputesHalf = true,
        BFloat16Operators = BFloat16,
        Operators = SetOf(
            Arithmetic, Activations, Shapes, Reductions, Comparisons, Networks,
            "LayerNormalization LogSoftmax LSTM GRU RNN Einsum Erf Sin Cos Round Sign Mod Softplus Softsign Selu ThresholdedRelu HardSwish Mish PRelu",
            "Pad Resize Upsample Tile CumSum TopK ArgMax ArgMin GatherElements GatherND ScatterElements ScatterND NonZero NonMaxSuppression Range OneHot",
            "ConstantOfShape Constant Size EyeLike DepthToSpace SpaceToDepth LRN GridSample RoiAlign Trilu Compress ReverseSequence",
            "ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceSumSquare Sum MatMulInteger DequantizeLinear QuantizeLinear",
            "If Loop Scan Dropout RandomNormal RandomUniform IsInf IsNaN Xor BitShift Hardmax GlobalLpPool LpPool MaxRoiPool LpNormalization"),
    };

    /// <summary>Engines of subgraphs.</summary>
    public static TargetProfile TensorRt { get; } = new()
    {
        Name = "TensorRt",
        RunsHere = false,
        MaxOpset = 22,
        Precisions = new HashSet<Precision>([.. Floats, Precision.Int8]),
        OtherPrecisions = "it takes 8-bit integers with ranges that were measured before",
        IntegerKernels = AcceleratorIntegerKernels.TensorRt,
        Layout = IntegerLayout.TensorRt,
        ComputesHalf = true,
        BFloat16Operators = BFloat16,
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
        RunsHere = false,
        MaxOpset = 20,
        Precisions = Floats,
        OtherPrecisions = "what drivers make of 8-bit integers differs from one to the next, and none could be measured",
        ComputesHalf = true,
        Operators = SetOf(
            [.. Cuda.Operators!, "MatMulInteger ConvInteger QLinearConv QLinearMatMul DynamicQuantizeLinear MeanVarianceNormalization Tan Asin Acos Atan Sinh Cosh Asinh Acosh Atanh"]),
    };

    /// <summary>Computes in float32, and in float16 where the device has it; integers of 64 bits are left to the CPU.</summary>
    public static TargetProfile WebGpu { get; } = new()
    {
        Name = "WebGpu",
        RunsHere = false,
        MaxOpset = 22,
        Precisions = Floats,
        OtherPrecisions = NoIntegers,
        Operators = SetOf(
            Arithmetic, Activations, Shapes, Reductions, Comparisons, Networks,
            "LayerNormalization Erf Sin Cos Tan Asin Acos Atan Sinh Cosh Asinh Acosh Atanh Round Sign HardSwish ThresholdedRelu Selu Softplus Softsign PRelu",
            "Pad Resize Tile CumSum ArgMax ArgMin GatherElements GatherND ScatterElements ScatterND Range Einsum If DepthToSpace SpaceToDepth TopK",
            "ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceSumSquare DequantizeLinear Trilu GridSample Constant ConstantOfShape GroupNormalization"),
    };
}
