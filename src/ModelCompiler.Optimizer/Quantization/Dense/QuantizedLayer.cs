using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Compilation;

namespace ModelCompiler.Optimizer.Quantization.Dense;

/// <summary>A layer that keeps its name, and its input and output in floating point, when its weights are quantized.</summary>
/// <param name="Name">The name of its output.</param>
/// <param name="Graph">The graph that it stands in.</param>
/// <param name="Input">What it reads; null where that is no floating-point tensor.</param>
internal sealed record QuantizedLayer(string Name, Graph Graph, Value? Input)
{
    /// <summary>Samples that the noise of layers is measured on.</summary>
    private const int RankedSamples = 16;

    /// <summary>Names of layers by the noise that each adds, the noisiest first. Layers in subgraphs, whose tensors cannot be looked at, come last.</summary>
    public static IReadOnlyList<string> Rank(CompilationJob job, Model quantized, IReadOnlyList<QuantizedLayer> layers)
    {
        var taps = new List<NoiseRanking.Tap>();
        foreach (QuantizedLayer layer in layers)
        {
            if (!ReferenceEquals(layer.Graph, job.Model.Graph)) continue;
            taps.Add(new(layer.Name, IsInput: false, layer.Name, layer.Name));
            if (layer.Input?.Producer is not null) taps.Add(new(layer.Name, IsInput: true, layer.Input.Name, layer.Input.Name));
        }
        return NoiseRanking.Rank(job.Model, quantized, [.. layers.Select(layer => layer.Name)], taps, job.Inputs(job.AnySamples!, RankedSamples), job.Cancellation);
    }
}
