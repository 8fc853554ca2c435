using ModelCompiler.Optimizer.Compilation;
using static ModelCompiler.Optimizer.Targets.OperatorNames;

namespace ModelCompiler.Optimizer.Targets;

/// <summary>
/// NPUs, and libraries for CPUs and GPUs of one maker. Operator tables are from the documentation of ONNX Runtime 1.30 for each provider. Where
/// the provider is present, ONNX Runtime's own assignment counts and not these.
/// </summary>
internal static class AcceleratorTargets
{
    private const string Static = "it takes 8-bit integers with ranges that were measured before";

    private static readonly HashSet<Precision> Floats = [Precision.Float32, Precision.Float16, Precision.BFloat16];

    private static readonly HashSet<Precision> WithInt8 = [.. Floats, Precision.Int8];

    public static TargetProfile OpenVino { get; } = new()
    {
        Name = "OpenVino",
        RunsHere = false,
        MaxOpset = 21,
        Precisions = WithInt8,
        OtherPrecisions = Static,
        UnsignedActivations = true,
        IntegerKernels = AcceleratorIntegerKernels.OpenVino,
        Layout = IntegerLayout.OpenVino,
        Operators = SetOf(
            [.. GpuTargets.Cuda.Operators!, "ConvInteger DynamicQuantizeLinear Tan Asin Acos Atan Sinh Cosh Asinh Acosh Atanh Mean MeanVarianceNormalization GroupNormalization"]),
    };

    /// <summary>Fixed sizes only. Its tensor processor computes on 8 or 16 bits, and in float16 on newer ones.</summary>
    public static TargetProfile Qnn { get; } = new()
    {
        Name = "Qnn",
        RunsHere = false,
        MaxOpset = 21,
        NeedsFixedShapes = true,
        Precisions = WithInt8,
        OtherPrecisions = Static,
        UnsignedActivations = true,
        IntegerKernels = AcceleratorIntegerKernels.Qnn,
        Layout = IntegerLayout.Qnn,
        Operators = SetOf(
            Arithmetic, Activations, Shapes, Reductions, Comparisons, Networks,
            "LayerNormalization LogSoftmax Erf Sin Cos Asin Atan Round Sign HardSwish PRelu Pad Resize Tile TopK ArgMax ArgMin GatherElements GatherND",
            "ScatterElements ScatterND DepthToSpace SpaceToDepth LRN GridSample Sum Mod CumSum Einsum LpNormalization DequantizeLinear QuantizeLinear Constant"),
    };

    /// <summary>As an MLProgram, and for fixed sizes where the Neural Engine is to be used.</summary>
    public static TargetProfile CoreMl { get; } = new()
    {
        Name = "CoreMl",
        RunsHere = false,
        MaxOpset = 21,
        NeedsFixedShapes = true,
        Precisions = Floats,
        OtherPrecisions = "it computes in float16, and takes no quantized graph",
        ComputesHalf = true,
        Operators = SetOf(
            Networks,
            "Add Sub Mul Div Pow Sqrt Exp Max Reciprocal Round Erf Relu LeakyRelu PRelu Sigmoid Tanh Clip Elu HardSigmoid Softmax Softplus Gelu",
            "Reshape Flatten Squeeze Unsqueeze Transpose Concat Split Slice Gather Cast Shape Resize Pad DepthToSpace GridSample ArgMax",
            "ReduceSum ReduceMean ReduceMax ReduceMin ReduceProd LayerNormalization GroupNormalization Constant"),
    };

    /// <summary>Convolutions, products and pools; the rest of a graph runs on ONNX Runtime's own kernels.</summary>
    public static TargetProfile Xnnpack { get; } = new()
    {
        Name = "Xnnpack",
        RunsHere = false,
        MaxOpset = 21,
        Precisions = new HashSet<Precision>([Precision.Float32]),
        OtherPrecisions = "it takes single quantized nodes out of a graph, and ONNX Runtime's own kernels for them are not slower",
        Operators = SetOf("Conv ConvTranspose MaxPool AveragePool Softmax Resize Gemm MatMul QuantizeLinear DequantizeLinear"),
    };
}
