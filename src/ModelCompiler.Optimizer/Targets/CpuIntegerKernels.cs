using System.Collections.Frozen;

namespace ModelCompiler.Optimizer.Targets;

/// <summary>
/// The operators of ONNX's own domain that ONNX Runtime's CPU provider runs on 8-bit integers: fused from QDQ form by its QDQ selectors
/// (Conv, Gemm, MatMul, Add, …), or by kernels that take integers as they are (Reshape, MaxPool, …). All others leave a
/// DequantizeLinear and a QuantizeLinear behind, and stay in floating point.
/// </summary>
internal static class CpuIntegerKernels
{
    public static FrozenDictionary<string, IntegerKernel> All { get; } = new Dictionary<string, IntegerKernel>
    {
        ["Conv"] = new(IntegerForm.Compute),
        ["Gemm"] = new(IntegerForm.Compute),
        ["MatMul"] = new(IntegerForm.Compute),

        ["Add"] = new(IntegerForm.Arithmetic, IntegerGain.AfterIntegers),
        ["Mul"] = new(IntegerForm.Arithmetic),
        ["Div"] = new(IntegerForm.Scaling, IntegerGain.AfterIntegers),
        ["Concat"] = new(IntegerForm.Arithmetic),
        ["AveragePool"] = new(IntegerForm.Arithmetic, IntegerGain.AfterIntegers),
        ["GlobalAveragePool"] = new(IntegerForm.Arithmetic, IntegerGain.AfterIntegers),
        ["LeakyRelu"] = new(IntegerForm.Arithmetic),
        ["Sigmoid"] = new(IntegerForm.Arithmetic) { FixedRange = (0f, 1f) },

        ["MaxPool"] = new(IntegerForm.Movement, IntegerGain.AfterIntegers),
        ["Reshape"] = new(IntegerForm.Movement),
        ["Flatten"] = new(IntegerForm.Movement),
        ["Squeeze"] = new(IntegerForm.Movement),
        ["Unsqueeze"] = new(IntegerForm.Movement),
        ["Transpose"] = new(IntegerForm.Movement),
        ["Slice"] = new(IntegerForm.Movement, IntegerGain.AfterIntegers),
        ["Gather"] = new(IntegerForm.Movement),
        ["Split"] = new(IntegerForm.Movement),
        ["Expand"] = new(IntegerForm.Movement),
        ["Tile"] = new(IntegerForm.Movement),
        ["DepthToSpace"] = new(IntegerForm.Movement),
        ["SpaceToDepth"] = new(IntegerForm.Movement),
        ["Identity"] = new(IntegerForm.Movement),
        ["Resize"] = new(IntegerForm.Movement),

        ["Relu"] = new(IntegerForm.Clamp),
        ["Clip"] = new(IntegerForm.Clamp),
    }.ToFrozenDictionary();
}
