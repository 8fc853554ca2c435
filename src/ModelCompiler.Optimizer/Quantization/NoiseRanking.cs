using ModelCompiler.Onnx;
using ModelCompiler.Runtime;

namespace ModelCompiler.Optimizer.Quantization;

/// <summary>
/// Orders products by the noise that each adds when it runs on integers: the noise-to-signal ratio Σ(q − f)² / Σf² at its output, less that of
/// its input.
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
        Dictionary<string, Node> nodes = ByOutput(model), quantized = ByOutput(candidate);
        var taps = new List<Tap>();
        foreach (string product in products)
        {
            // A product that is an output of the graph gave its name to the dequantized tensor.
            if (!quantized.TryGetValue(product, out Node? twin) || twin.OpType != nodes[product].OpType) continue;
            taps.Add(new Tap(product, IsInput: false, product, product));
            if (nodes[product].Inputs[0] is { Producer: not null } from && twin.Inputs[0] is { Producer: not null } to)
                taps.Add(new Tap(product, IsInput: true, from.Name, to.Name));
        }
        return Rank(model, candidate, products, taps, samples, cancellationToken);
    }

    /// <summary>The products, the noisiest first, where the caller knows which tensors of both models correspond.</summary>
    public static IReadOnlyList<string> Rank(Model model, Model candidate, IReadOnlyList<string> products, IReadOnlyList<Tap> taps, IEnumerable<IReadOnlyList<(string Name, TensorBuffer Value)>> samples, CancellationToken cancellationToken)
    {
        double[] noise = Measure(model, candidate, taps, samples, cancellationToken);
        var added = products.ToDictionary(product => product, _ => 0.0);
        for (int i = 0; i < taps.Count; i++) added[taps[i].Product] += taps[i].IsInput ? -noise[i] : noise[i];
        return [.. products.OrderByDescending(product => added[product]).ThenBy(product => product, StringComparer.Ordinal)];
    }

    private static Dictionary<string, Node> ByOutput(Model model) =>
        model.Graph.Nodes.Where(node => node.Outputs.Length > 0).ToDictionary(node => node.Outputs[0].Name);

    /// <summary>Σ(q − f)² / Σf² of each tap over all samples.</summary>
    private static double[] Measure(Model model, Model candidate, IReadOnlyList<Tap> taps, IEnumerable<IReadOnlyList<(string Name, TensorBuffer Value)>> samples, CancellationToken cancellationToken)
    {
        string[] floats = [.. taps.Select(tap => tap.FloatName)], integers = [.. taps.Select(tap => tap.QuantizedName)];
        var signal = new double[taps.Count];
        var noise = new double[taps.Count];
        // Optimized, the integer kernels would swallow the tensors that are looked at.
        using InferenceSession first = TappedSession.Open(model, floats, GraphOptimization.None), second = TappedSession.Open(candidate, integers, GraphOptimization.None);
        foreach (IReadOnlyList<(string Name, TensorBuffer Value)> sample in samples)
        {
            cancellationToken.ThrowIfCancellationRequested();
            TensorBuffer[] f = first.Run(sample, floats, cancellationToken), q = second.Run(sample, integers, cancellationToken);
            for (int i = 0; i < taps.Count; i++) Add(f[i].AsSpan<float>(), q[i].AsSpan<float>(), ref signal[i], ref noise[i]);
        }
        return [.. noise.Select((n, i) => n / Math.Max(signal[i], double.Epsilon))];
    }

    private static void Add(ReadOnlySpan<float> f, ReadOnlySpan<float> q, ref double signal, ref double noise)
    {
        for (int k = 0; k < f.Length; k++)
        {
            signal += (double)f[k] * f[k];
            noise += ((double)q[k] - f[k]) * ((double)q[k] - f[k]);
        }
    }

    /// <summary>A tensor that is looked at in both models: what a product reads or computes.</summary>
    public sealed record Tap(string Product, bool IsInput, string FloatName, string QuantizedName);
}
