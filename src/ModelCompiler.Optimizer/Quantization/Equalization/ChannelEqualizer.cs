using System.Collections.Frozen;
using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes.Fusion.Affine;
using ModelCompiler.Runtime;

namespace ModelCompiler.Optimizer.Quantization.Equalization;

/// <summary>
/// Evens out the channels of activations, which share one scale: channel c is divided by s[c] = max|x[c]|^α / max|w[c]|^(1−α), and the weights
/// that meet it are multiplied by it (SmoothQuant, Xiao et al. 2023, eq. 4; between convolutions, cross-layer equalization, Nagel et al. 2019,
/// section 4.1). A depthwise convolution has a scale for each channel's weights, and takes all of it: α = 1. In floating point the model
/// answers as before.
/// </summary>
internal static class ChannelEqualizer
{
    // Beyond that a channel is dead or an accident of the samples.
    private const double LargestScale = 1000;

    /// <summary>Equalizes a model in place; gives the names of the tensors that have other elements now.</summary>
    /// <param name="model">The model in floating point.</param>
    /// <param name="largest">The magnitudes of its channels, or of those of the model that it is a copy of.</param>
    /// <param name="strength">α, from 0 (even weights) to 1 (even activations).</param>
    public static IReadOnlySet<string> Equalize(Model model, IReadOnlyDictionary<string, double[]> largest, double strength)
    {
        var changed = new HashSet<string>(StringComparer.Ordinal);
        // A link may change weights of the next: each is read when its turn comes.
        foreach (Value value in Links(model).Select(link => link.Value))
        {
            ChannelLink link = ChannelLink.EndingAt(value)!;
            Equalize(link, largest[value.Name], strength);
            changed.UnionWith(link.Tensors.Select(tensor => tensor.Name));
        }
        return changed;
    }

    private static void Equalize(ChannelLink link, double[] activations, double strength)
    {
        bool isDepthwise = link.Readers.All(IsDepthwise);
        double alpha = isDepthwise ? 1 : strength;
        double[] weights = link.LargestWeights();
        var scales = new double[activations.Length];
        for (int c = 0; c < scales.Length; c++)
            scales[c] = activations[c] > 0 && weights[c] > 0 ? Math.Pow(activations[c], alpha) / Math.Pow(weights[c], 1 - alpha) : double.NaN;
        int[] known = [.. Enumerable.Range(0, scales.Length).Where(c => double.IsFinite(scales[c]))];
        if (known.Length == 0) return;
        double mean = Math.Exp(known.Average(c => Math.Log(scales[c]))), met = Math.Exp(known.Average(c => Math.Log(scales[c] * weights[c])));
        link.Divide([.. scales.Select((s, c) => Math.Clamp((double.IsFinite(s) ? s : Silent(c)) / mean, 1 / LargestScale, LargestScale))]);

        // What no sample has heard of has weights all the same, which share a step with those of the other channels: they become as large.
        double Silent(int c) => isDepthwise || weights[c] == 0 ? mean : met / weights[c];
    }

    private static List<ChannelLink> Links(Model model) =>
        [.. model.Graph.Nodes.SelectMany(node => node.Outputs.ToArray()).Where(value => value.ElementType == ElementType.Float).Select(ChannelLink.EndingAt).OfType<ChannelLink>()];

    private static bool IsDepthwise(LinearLayer layer) => layer.Product.Is("Conv") && layer.Weights.Dims[1] == 1 && layer.Layout.Inputs > 1;

    /// <summary>The largest magnitude in each channel over all samples, by the name of the tensor whose channels can be evened out.</summary>
    /// <param name="model">The model in floating point; it is as before when the method returns.</param>
    /// <param name="samples">Inputs to measure the channels on.</param>
    /// <param name="cancellationToken">Stops between samples.</param>
    public static IReadOnlyDictionary<string, double[]> Largest(Model model, IEnumerable<IReadOnlyList<(string Name, TensorBuffer Value)>> samples, CancellationToken cancellationToken)
    {
        List<ChannelLink> links = Links(model);
        if (links.Count == 0) return FrozenDictionary<string, double[]>.Empty;
        string[] names = [.. links.Select(link => link.Value.Name)];
        var largest = links.ToDictionary(link => link.Value.Name, link => new double[link.Channels.Channels]);
        using var session = TappedSession.Open(model, names, GraphOptimization.All);
        foreach (IReadOnlyList<(string, TensorBuffer)> sample in samples)
        {
            session.Run(sample, cancellationToken);
            Parallel.For(0, names.Length, i => Add(largest[names[i]], session.Elements(names[i]), session.Shape(names[i]), links[i].Channels));
        }
        return largest;
    }

    private static void Add(double[] largest, ReadOnlySpan<float> numbers, ReadOnlySpan<long> shape, ChannelAxis at)
    {
        int inner = 1;
        for (int axis = shape.Length - at.FromEnd + 1; axis < shape.Length; axis++) inner *= (int)shape[axis];
        for (int i = 0; i < numbers.Length; i++)
        {
            int channel = i / inner % largest.Length;
            // Not a number and infinity say nothing about a channel.
            if (float.IsFinite(numbers[i])) largest[channel] = Math.Max(largest[channel], Math.Abs(numbers[i]));
        }
    }
}
