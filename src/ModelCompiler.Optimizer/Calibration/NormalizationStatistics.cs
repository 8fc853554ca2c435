using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Sessions;
using ModelCompiler.Runtime;

namespace ModelCompiler.Optimizer.Calibration;

/// <summary>
/// What training knew of the activations: behind a BatchNormalization a channel has the mean β and the deviation |γ| (Nagel et al. 2019, section 4.2.1).
/// Random inputs have other statistics than those that it takes out. Where it takes out theirs instead, everything behind it is as large as on real
/// inputs, whatever comes in: sums, pooled values and gates too.
/// </summary>
internal static class NormalizationStatistics
{
    /// <summary>Sets mean and variance of each BatchNormalization of the main graph to those of its input on samples, in the order of the data flow; gives their number.</summary>
    /// <param name="model">The model, which is changed.</param>
    /// <param name="samples">Inputs by name.</param>
    /// <param name="cancellationToken">Stops between samples.</param>
    public static int Match(Model model, IReadOnlyList<IReadOnlyList<(string Name, TensorBuffer Value)>> samples, CancellationToken cancellationToken)
    {
        model.Graph.SortTopologically();
        var open = model.Graph.Nodes.Where(IsInference).ToHashSet();
        int count = open.Count;
        while (open.Count > 0)
        {
            Node[] ready = Ready(model.Graph, open);
            string[] inputs = [.. ready.Select(node => node.Inputs[0]!.Name)];
            Dictionary<string, Moments> moments = Measure(model, [.. inputs.Distinct()], samples, cancellationToken);
            foreach (Node node in ready) Set(node, moments[node.Inputs[0]!.Name]);
            open.ExceptWith(ready);
        }
        return count;
    }

    private static void Set(Node node, Moments moments)
    {
        float[] mean = moments.Mean(), variance = moments.Variance();
        // Where random inputs lead to infinity, they tell nothing.
        if (!Array.TrueForAll(mean, float.IsFinite) || !Array.TrueForAll(variance, float.IsFinite)) return;
        node.SetInput(3, node.Graph.AddInitializer("mean", Tensor.Vector<float>(mean)));
        node.SetInput(4, node.Graph.AddInitializer("variance", Tensor.Vector<float>(variance)));
    }

    private static bool IsInference(Node node) =>
        node.Is("BatchNormalization") && node.Outputs.Length == 1 && node.Inputs.Length == 5 && node.Attributes.GetInt("training_mode", 0) == 0 && node.Attributes.GetInt("spatial", 1) == 1;

    /// <summary>The normalizations that depend on none which is still open.</summary>
    private static Node[] Ready(Graph graph, HashSet<Node> open)
    {
        var behind = new HashSet<Node>();
        var ready = new List<Node>();
        foreach (Node node in graph.Nodes)
        {
            bool isBehind = node.Inputs.ToArray().Any(input => input?.Producer is { } producer && (behind.Contains(producer) || open.Contains(producer)));
            if (isBehind) behind.Add(node);
            else if (open.Contains(node)) ready.Add(node);
        }
        return [.. ready];
    }

    private static Dictionary<string, Moments> Measure(
        Model model, string[] names, IReadOnlyList<IReadOnlyList<(string Name, TensorBuffer Value)>> samples, CancellationToken cancellationToken)
    {
        // Only what leads to these is computed.
        Model part = model.Clone();
        while (part.Graph.Outputs.Count > 0) part.Graph.RemoveOutput(0);
        foreach (string name in names) part.Graph.AddOutput(part.Graph.FindValue(name)!);
        using ModelImage image = ModelImage.Of(part);
        using InferenceSession session = image.Open();
        var moments = names.ToDictionary(name => name, _ => new Moments());
        foreach (IReadOnlyList<(string, TensorBuffer)> sample in samples)
        {
            cancellationToken.ThrowIfCancellationRequested();
            foreach ((string name, TensorBuffer value) in names.Zip(session.Run(sample, names, cancellationToken))) moments[name].Add(value);
        }
        return moments;
    }

    /// <summary>Sums of the elements of each channel (axis 1), and of their squares.</summary>
    private sealed class Moments
    {
        private double[] _sums = [], _squares = [];
        private long _count;

        public void Add(TensorBuffer value)
        {
            int channels = (int)value.Shape[1];
            if (_sums.Length == 0) (_sums, _squares) = (new double[channels], new double[channels]);
            ReadOnlySpan<float> numbers = value.AsSpan<float>();
            int inner = Math.Max(1, (int)(numbers.Length / (value.Shape[0] * channels)));
            for (int i = 0; i < numbers.Length; i++)
            {
                int channel = i / inner % channels;
                _sums[channel] += numbers[i];
                _squares[channel] += (double)numbers[i] * numbers[i];
            }
            _count += numbers.Length / channels;
        }

        public float[] Mean() => Array.ConvertAll(_sums, sum => (float)(sum / _count));

        public float[] Variance() => [.. _sums.Zip(_squares, (sum, squares) => (float)Math.Max(0, squares / _count - sum / _count * (sum / _count)))];
    }
}
