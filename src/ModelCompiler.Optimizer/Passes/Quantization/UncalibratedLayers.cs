using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Quantization.Dense;
using ModelCompiler.Optimizer.Targets;

namespace ModelCompiler.Optimizer.Passes.Quantization;

/// <summary>
/// Layers that go into 8 bits without calibration, beside static int8 as beside dynamic: LSTMs, whose only integer kernel measures ranges at each step,
/// and embeddings, which are weights alone.
/// </summary>
internal static class UncalibratedLayers
{
    /// <summary>The layers of a graph, by name; none where the target lacks the kernels.</summary>
    public static IEnumerable<string> Of(Graph graph, TargetProfile target) =>
        DynamicLstm.HasKernel(target) ? DynamicLstm.Layers(graph).Concat(EmbeddingQuantization.Layers(graph)) : [];

    /// <summary>The passes that quantize them.</summary>
    /// <param name="target">What the model is laid out for.</param>
    /// <param name="inFloat">The names of layers that stay in floating point.</param>
    public static IReadOnlyList<IPass> Passes(TargetProfile target, IReadOnlySet<string> inFloat) =>
        DynamicLstm.HasKernel(target) ? [new DynamicLstm(inFloat), new EmbeddingQuantization(new WeightBits(8, inFloat.ToDictionary(name => name, _ => 0)))] : [];
}
