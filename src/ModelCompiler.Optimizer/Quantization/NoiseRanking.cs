using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes;
using ModelCompiler.Runtime;

namespace ModelCompiler.Optimizer.Quantization;

/// <summary>
/// Orders products by the noise that each adds when it runs on integers: the noise-to-signal ratio Σ(q − f)² / Σf² behind it, less that of its
/// input. Behind it is its output, and what that becomes until the next product reads it: the noise of a spectrum shows after the logarithm.
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
        Dictionary<string, Node> nodes = ByOutput(model);
        Dictionary<string, string> twins = Twins(model, nodes, ByOutput(candidate), products);
        var taps = new List<Tap>();
        // Those in subgraphs cannot be looked at, and come last.
        foreach (string product in products.Where(nodes.ContainsKey))
        {
            foreach (Value value in Behind(nodes[product]))
                if (twins.TryGetValue(value.Name, out string? twin)) taps.Add(new Tap(product, IsInput: false, value.Name, twin));
            string input = nodes[product].Inputs[0]!.Name;
            if (twins.TryGetValue(input, out string? source)) taps.Add(new Tap(product, IsInput: true, input, source));
        }
        return Rank(model, candidate, products, taps, samples, cancellationToken);
    }

    /// <summary>The products, the noisiest first, where the caller knows which tensors of both models correspond.</summary>
    public static IReadOnlyList<string> Rank(Model model, Model candidate, IReadOnlyList<string> products, IReadOnlyList<Tap> taps, IEnumerable<IReadOnlyList<(string Name, TensorBuffer Value)>> samples, CancellationToken cancellationToken)
    {
        Dictionary<(string, string), double> noise = Measure(model, candidate, [.. taps.Select(tap => (tap.FloatName, tap.QuantizedName)).Distinct()], samples, cancellationToken);
        var added = products.ToDictionary(product => product, _ => 0.0);
        foreach (IGrouping<string, Tap> group in taps.GroupBy(tap => tap.Product))
            added[group.Key] = Largest(group.Where(tap => !tap.IsInput)) - Largest(group.Where(tap => tap.IsInput));
        return [.. products.OrderByDescending(product => added[product]).ThenBy(product => product, StringComparer.Ordinal)];

        double Largest(IEnumerable<Tap> all) => all.Select(tap => noise[(tap.FloatName, tap.QuantizedName)]).DefaultIfEmpty().Max();
    }

    private static Dictionary<string, Node> ByOutput(Model model) =>
        model.Graph.Nodes.SelectMany(node => node.Outputs.ToArray(), (node, output) => (node, output)).Where(pair => pair.output.Name.Length > 0)
            .ToDictionary(pair => pair.output.Name, pair => pair.node);

    /// <summary>Where in the quantized model the inputs and outputs of the products, and the outputs of the graph, are: by name in one, by name in the other.</summary>
    private static Dictionary<string, string> Twins(Model model, Dictionary<string, Node> nodes, Dictionary<string, Node> quantized, IReadOnlyList<string> products)
    {
        var twins = new Dictionary<string, string>(StringComparer.Ordinal);
        // One row more or less moves all behind it.
        IReadOnlySet<string> selected = SelectedOutputs.Of(model.Graph);
        foreach (Value output in model.Graph.Outputs)
            if (output is { Producer: not null, ElementType: ElementType.Float } && !selected.Contains(output.Name)) twins[output.Name] = output.Name;
        foreach (string product in products)
        {
            // A product that is an output of the graph gave its name to the dequantized tensor.
            if (!nodes.TryGetValue(product, out Node? node) || !quantized.TryGetValue(product, out Node? twin) || twin.Is("DequantizeLinear")) continue;
            twins[product] = product;
            if (node.Inputs[0] is { Producer: not null } from && twin.Inputs[0] is { Producer: not null } to) twins[from.Name] = to.Name;
        }
        return twins;
    }

    /// <summary>The output of a product, and the values computed from it that a product reads or the graph gives.</summary>
    private static IEnumerable<Value> Behind(Node product)
    {
        var queue = new Queue<Value>(product.Outputs.ToArray());
        var seen = new HashSet<Value>(product.Outputs.ToArray());
        while (queue.TryDequeue(out Value? value))
        {
            yield return value;
            foreach (Use use in value.Uses)
            {
                if (use.Node.Is("Conv") || use.Node.Is("Gemm") || use.Node.Is("MatMul")) continue;
                foreach (Value output in use.Node.Outputs)
                    if (seen.Add(output)) queue.Enqueue(output);
            }
        }
    }

    /// <summary>Σ(q − f)² / Σf² of each pair of tensors over all samples.</summary>
    private static Dictionary<(string, string), double> Measure(
        Model model, Model candidate, IReadOnlyList<(string Float, string Quantized)> pairs, IEnumerable<IReadOnlyList<(string Name, TensorBuffer Value)>> samples, CancellationToken cancellationToken)
    {
        var signal = new double[pairs.Count];
        var noise = new double[pairs.Count];
        // Optimized, the integer kernels would swallow the tensors that are looked at.
        using TappedSession first = TappedSession.Open(model, pairs.Select(pair => pair.Float), GraphOptimization.None), second = TappedSession.Open(candidate, pairs.Select(pair => pair.Quantized), GraphOptimization.None);
        foreach (IReadOnlyList<(string Name, TensorBuffer Value)> sample in samples)
        {
            first.Run(sample, cancellationToken);
            second.Run(sample, cancellationToken);
            Parallel.For(0, pairs.Count, i => Add(first.Elements(pairs[i].Float), second.Elements(pairs[i].Quantized), ref signal[i], ref noise[i]));
        }
        return Enumerable.Range(0, pairs.Count).ToDictionary(i => pairs[i], i => noise[i] / Math.Max(signal[i], double.Epsilon));
    }

    private static void Add(ReadOnlySpan<float> f, ReadOnlySpan<float> q, ref double signal, ref double noise)
    {
        // Sizes may hang on numbers: then element by element nothing can be told.
        if (f.Length != q.Length) return;
        for (int k = 0; k < f.Length; k++)
        {
            signal += (double)f[k] * f[k];
            noise += ((double)q[k] - f[k]) * ((double)q[k] - f[k]);
        }
    }

    /// <summary>A tensor that is looked at in both models: what a product reads or computes.</summary>
    public sealed record Tap(string Product, bool IsInput, string FloatName, string QuantizedName);
}
