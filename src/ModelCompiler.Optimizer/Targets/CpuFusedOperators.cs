using System.Collections.Frozen;

namespace ModelCompiler.Optimizer.Targets;

/// <summary>
/// What fusing gains under ONNX Runtime's CPU provider, as measured with version 1.30 (one thread; time of the fused form over that of the
/// pieces, after the fusions that the provider makes itself).
/// </summary>
internal static class CpuFusedOperators
{
    public static FrozenSet<string> All { get; } = new[]
    {
        // Into the activation of the convolution before it: 0.75, 0.86, 0.88.
        "HardSwish", "HardSigmoid", "LeakyRelu",
        // 0.72, and 0.86 without scale and bias, where the provider does not find it itself.
        "InstanceNormalization", "LayerNormalization",
        // 0.92.
        "Softmax", "LogSoftmax",
        // The provider joins the common forms itself; one node instead of eight loads faster, and every form is found.
        "Gelu", "FastGelu", "SimplifiedLayerNormalization",
    }.ToFrozenSet();

    // Not: Mish and GroupNormalization, which have no kernel and are taken apart at load; QuickGelu, which is joined at load, and whose pieces
    // have integer kernels; MultiHeadAttention: 0.98 to 1.11 of the time of its pieces between the same projections.

    public static FrozenSet<string> Expanded { get; } = new[]
    {
        // One number at a time: twice the time of its pieces. Taken apart at load into 25 nodes: 1.2 times.
        "PRelu", "GroupNormalization",
        // Joined at load out of an Add and a normalization: 7.7 times the time of the two.
        "SkipLayerNormalization",
        // Its Softplus goes one number at a time: five times the time of seven plain operators.
        "Mish",
        // Merged with a convolution over one dimension whose windows reach far over the edges: up to 1.4 times.
        "Pad",
    }.ToFrozenSet();
}
