using ModelCompiler.Onnx;

namespace ModelCompiler.Optimizer.Quantization.Dense;

/// <summary>
/// Whether one scale does for weights whose kernel takes longer with a scale for each channel: where every channel stays as far above the error of rounding,
/// step² / 12, as the 8-bit activations that it meets are above theirs.
/// </summary>
internal static class OneScale
{
    private const double LeastDb = 34;

    /// <summary>The scale for all channels; null where some channel would lose by it.</summary>
    /// <param name="weights">float32.</param>
    /// <param name="perChannel">The same, with a scale for each channel.</param>
    public static float? For(Tensor weights, QuantizedWeights perChannel)
    {
        float scale = perChannel.Scales.Max();
        double leastPower = Math.Pow(10, LeastDb / 10) * scale * scale / 12;
        int channels = perChannel.Scales.Length, inner = 1;
        for (int i = perChannel.Axis + 1; i < weights.Rank; i++) inner *= (int)weights.Dims[i];
        var energy = new double[channels];
        ReadOnlySpan<float> values = weights.AsSpan<float>();
        for (int i = 0; i < values.Length; i++) energy[i / inner % channels] += (double)values[i] * values[i];
        double perNumber = (double)channels / values.Length;
        // Zeros stay zeros under any scale.
        return energy.All(sum => sum == 0 || sum * perNumber >= leastPower) ? scale : null;
    }
}
