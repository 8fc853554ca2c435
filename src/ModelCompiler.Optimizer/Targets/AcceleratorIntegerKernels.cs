using System.Collections.Frozen;

namespace ModelCompiler.Optimizer.Targets;

/// <summary>
/// The operators that providers beside the CPU run on 8-bit integers from QDQ form. From their documentation (NVIDIA's on explicit quantization, OpenVINO's
/// on low-precision transformations, ONNX Runtime's on QNN); none was measured.
/// </summary>
internal static class AcceleratorIntegerKernels
{
    private static readonly string[] Products = ["Conv", "Gemm", "MatMul"];
    private static readonly string[] Clamps = ["Relu", "Clip"];

    /// <summary>Between products: sums of residual blocks, pools and changes of shape. Other activations are fused into kernels of float16.</summary>
    public static FrozenDictionary<string, IntegerKernel> TensorRt { get; } = Table(
        ["Add", "AveragePool", "GlobalAveragePool", "Concat"], ["MaxPool", "Reshape", "Flatten", "Squeeze", "Unsqueeze", "Transpose"]);

    public static FrozenDictionary<string, IntegerKernel> OpenVino { get; } = Table(
        ["Add", "Mul", "AveragePool", "GlobalAveragePool", "Concat"],
        ["MaxPool", "Reshape", "Flatten", "Squeeze", "Unsqueeze", "Transpose", "Slice", "Split", "DepthToSpace", "SpaceToDepth", "Resize"]);

    public static FrozenDictionary<string, IntegerKernel> Qnn { get; } = Table(
        ["Add", "Mul", "AveragePool", "GlobalAveragePool", "Concat", "LeakyRelu", "Sigmoid", "Tanh", "HardSwish", "Elu", "Softmax"],
        ["MaxPool", "Reshape", "Flatten", "Squeeze", "Unsqueeze", "Transpose", "Slice", "Split", "Gather", "Tile", "DepthToSpace", "SpaceToDepth", "Resize"]);

    private static FrozenDictionary<string, IntegerKernel> Table(string[] arithmetic, string[] movement) =>
        Entries(Products, IntegerForm.Compute)
            .Concat(Entries(arithmetic, IntegerForm.Arithmetic))
            .Concat(Entries(movement, IntegerForm.Movement))
            .Concat(Entries(Clamps, IntegerForm.Clamp))
            .ToFrozenDictionary();

    private static IEnumerable<KeyValuePair<string, IntegerKernel>> Entries(string[] operators, IntegerForm form) =>
        operators.Select(name => KeyValuePair.Create(name, new IntegerKernel(form, IntegerGain.AfterIntegers)));
}
