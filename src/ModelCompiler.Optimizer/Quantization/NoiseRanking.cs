using ModelCompiler.Onnx;
using ModelCompiler.Runtime;

namespace ModelCompiler.Optimizer.Quantization;

/// <summary>
/// Orders products by the noise that each adds when it runs on integers: the noise-to-signal ratio Σ(q − f)² / Σf² at its output, less the
/// largest at its inputs.
/// </summary>
internal static class NoiseRanking
{
    /// <summary>The products, the noisiest first.</summary>
    /// <param name="model">The model in floating point.</param>
    /// <param name="candidate">The same model quantized.</param>
    /// <param name="products">Names of the products' outputs.</param>
    /// <param name="samples">Inputs to run both on.</param>
    /// <param name="cancellationToken">Stops between samples.</param>
    public static IReadOnlyList<string> Rank(Model model, Model candidate, IReadOnlyList<string> products, IEnumerable<IReadOnlyList<(string Name, TensorBuffer Value)>> samples, CancellationToken cancellationToken)
    {
        Dictionary<string, Node> nodes = model.Graph.Nodes.Where(n => n.Outputs.Length > 0).ToDictionary(n => n.Outputs[0].Name);
        var present = candidate.Graph.Nodes.Where(n => n.Outputs.Length > 0).Select(n => n.Outputs[0].Name).ToHashSet();
        string[] names = [.. products.SelectMany(p => nodes[p].Inputs.ToArray().Where(v => v?.Producer is not null).Select(v => v!.Name).Append(p)).Distinct().Where(present.Contains)];
        Dictionary<string, double> noise = Measure(model, candidate, names, samples, cancellationToken);
        return [.. products.OrderByDescending(p => noise.GetValueOrDefault(p) - InputNoise(nodes[p], noise)).ThenBy(p => p, StringComparer.Ordinal)];
    }

    private static double InputNoise(Node node, Dictionary<string, double> noise)
    {
        double largest = 0;
        foreach (Value? input in node.Inputs)
            if (input is not null) largest = Math.Max(largest, noise.GetValueOrDefault(input.Name));
        return largest;
    }

    private static Dictionary<string, double> Measure(Model model, Model candidate, string[] names, IEnumerable<IReadOnlyList<(string Name, TensorBuffer Value)>> samples, CancellationToken cancellationToken)
    {
        var signal = new double[names.Length];
        var noise = new double[names.Length];
        // Optimized, the integer kernels would swallow the tensors that are looked at.
        using InferenceSession first = TappedSession.Open(model, names, GraphOptimization.None), second = TappedSession.Open(candidate, names, GraphOptimization.None);
        foreach (IReadOnlyList<(string Name, TensorBuffer Value)> sample in samples)
        {
            cancellationToken.ThrowIfCancellationRequested();
            TensorBuffer[] f = first.Run(sample, names, cancellationToken), q = second.Run(sample, names, cancellationToken);
            for (int i = 0; i < names.Length; i++)
            {
                ReadOnlySpan<float> x = f[i].AsSpan<float>(), y = q[i].AsSpan<float>();
                for (int k = 0; k < x.Length; k++)
                {
                    signal[i] += (double)x[k] * x[k];
                    noise[i] += ((double)y[k] - x[k]) * ((double)y[k] - x[k]);
                }
            }
        }
        return Enumerable.Range(0, names.Length).ToDictionary(i => names[i], i => noise[i] / Math.Max(signal[i], 1e-30));
    }
}
