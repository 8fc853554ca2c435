using System.Collections.Frozen;

namespace ModelCompiler.Optimizer.Targets;

/// <summary>How QuantizeLinear and DequantizeLinear must stand in a graph for a provider to find the integers in it.</summary>
public sealed record IntegerLayout
{
    private static readonly FrozenSet<string> DenseProducts = new[] { "Gemm", "MatMul" }.ToFrozenSet();
    private static readonly FrozenSet<string> Products = new[] { "Conv", "Gemm", "MatMul" }.ToFrozenSet();

    /// <summary>
    /// ONNX Runtime's CPU provider: data movement on the integers themselves, clamps in the saturation, biases as integers of the accumulator.
    /// </summary>
    public static IntegerLayout Cpu { get; } = new() { FloatOutputs = DenseProducts, PerChannelWeights = Products };

    /// <summary>
    /// TensorRT's explicit quantization: everything symmetric around zero, biases in float, and nothing between a product and the activation that is fused
    /// into it (NVIDIA, "Working with Quantized Types", sections on Q/DQ placement).
    /// </summary>
    public static IntegerLayout TensorRt { get; } = new()
    {
        IsSymmetric = true,
        WrapsNodes = true,
        FloatOutputs = Products,
        PerChannelWeights = Products,
        QuantizesBias = false,
    };

    /// <summary>OpenVINO's low-precision transformations read the pairs as fake quantization; a bias is an addition of floats to them.</summary>
    public static IntegerLayout OpenVino { get; } = TensorRt with { IsSymmetric = false };

    /// <summary>
    /// QNN's tensor processor: node units, each between DequantizeLinear and QuantizeLinear, nothing in float between them, and one scale for the weights of
    /// a matrix product (ONNX Runtime, documentation of the QNN provider).
    /// </summary>
    public static IntegerLayout Qnn { get; } = new() { WrapsNodes = true, PerChannelWeights = new[] { "Conv" }.ToFrozenSet() };

    /// <summary>Whether all zero points are zero, so that activations are signed, and no clamp at zero disappears in saturation.</summary>
    public bool IsSymmetric { get; init; }

    /// <summary>Whether every node on integers stands between DequantizeLinear and QuantizeLinear, those included that only move data.</summary>
    public bool WrapsNodes { get; init; }

    /// <summary>Whether biases are int32 in the scale of the accumulator, and not float.</summary>
    public bool QuantizesBias { get; init; } = true;

    /// <summary>The products that hand on floats where nothing on integers reads them.</summary>
    public IReadOnlySet<string> FloatOutputs { get; init; } = new HashSet<string>();

    /// <summary>The products whose weights have a scale for each output channel, rather than one for all.</summary>
    public IReadOnlySet<string> PerChannelWeights { get; init; } = new HashSet<string>();
}
