using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Calibration;

namespace ModelCompiler.Optimizer.Quantization;

/// <summary>
/// Concatenations of tensors of very different ranges, such as boxes in pixels beside scores below one: with one scale for both, the smaller is
/// left with a handful of steps, or none.
/// </summary>
internal static class ScaleMismatch
{
    /// <summary>The smaller side keeps 8 of the 256 steps at least.</summary>
    private const float LargestRatio = 32;

    /// <summary>Whether a node is one.</summary>
    public static bool Has(Node node, IReadOnlyDictionary<string, Histogram> histograms)
    {
        if (!node.Is("Concat")) return false;
        float largest = 0, smallest = float.PositiveInfinity;
        foreach (Value? input in node.Inputs)
        {
            // A tensor of zeros needs no steps.
            if (input is null || !histograms.TryGetValue(input.Name, out Histogram? histogram) || histogram.Count == 0) continue;
            float magnitude = MathF.Max(MathF.Abs(histogram.Min), MathF.Abs(histogram.Max));
            if (magnitude == 0) continue;
            largest = MathF.Max(largest, magnitude);
            smallest = MathF.Min(smallest, magnitude);
        }
        return largest > LargestRatio * smallest;
    }
}
