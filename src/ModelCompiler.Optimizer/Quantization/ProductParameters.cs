using ModelCompiler.Onnx;

namespace ModelCompiler.Optimizer.Quantization;

/// <summary>The weights and bias of a Conv, Gemm or MatMul as real numbers, with Gemm's alpha and beta multiplied in: y = x·W + b.</summary>
/// <param name="Weights">float32, the layout of the node.</param>
/// <param name="Bias">One number per output channel, or null.</param>
/// <param name="Axis">The axis of the output channels in <paramref name="Weights"/>.</param>
internal sealed record ProductParameters(Tensor Weights, float[]? Bias, int Axis)
{
    /// <summary>Reads them from a node that <see cref="ComputeEligibility"/> accepts.</summary>
    public static ProductParameters Of(Node node)
    {
        Tensor weights = node.Constant(1)!;
        int axis = node.OpType switch
        {
            "Gemm" => node.Attributes.GetInt("transB", 0) != 0 ? 0 : 1,
            "MatMul" => 1,
            _ => 0,
        };
        bool isGemm = node.Is("Gemm");
        float alpha = isGemm ? node.Attributes.GetFloat("alpha", 1) : 1, beta = isGemm ? node.Attributes.GetFloat("beta", 1) : 1;
        return new ProductParameters(Scaled(weights, alpha), BiasOf(node, (int)weights.Dims[axis], beta), axis);
    }

    /// <summary>The number of output channels.</summary>
    public int Channels => (int)Weights.Dims[Axis];

    private static Tensor Scaled(Tensor weights, float factor)
    {
        if (factor == 1) return weights;
        float[] scaled = weights.AsSpan<float>().ToArray();
        for (int i = 0; i < scaled.Length; i++) scaled[i] *= factor;
        return Tensor.Create<float>(scaled, weights.Dims);
    }

    private static float[]? BiasOf(Node node, int channels, float factor)
    {
        if (node.Is("MatMul") || node.Constant(2) is not { } constant) return null;
        ReadOnlySpan<float> values = constant.AsSpan<float>();
        var bias = new float[channels];
        for (int c = 0; c < channels; c++) bias[c] = factor * values[values.Length == 1 ? 0 : c];
        return bias;
    }
}
