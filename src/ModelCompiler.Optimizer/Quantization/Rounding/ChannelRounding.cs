using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Quantization.Dense;

namespace ModelCompiler.Optimizer.Quantization.Rounding;

/// <summary>
/// Improves weights in 8 bits with a step per output channel by <see cref="LeastSquaresRounding"/>. Each weight stays one of the two integers
/// around it, so that the sums that <see cref="PairSaturation"/> looks after stay in their bounds.
/// </summary>
internal static class ChannelRounding
{
    private const int Levels = 127;

    /// <summary>So close to an integer, the other one is not tried: float rounding of the quotient could put it out of bounds.</summary>
    private const float Certain = 0.01f;

    /// <summary>The weights with other integers and the same steps.</summary>
    /// <param name="parameters">The real weights.</param>
    /// <param name="nearest">The nearest integers.</param>
    /// <param name="gram">What meets the weights.</param>
    /// <param name="isCentered">Whether a bias takes the mean of the error, see <see cref="CorrectBias"/>.</param>
    /// <param name="noise">The variance of what rounding adds to the inputs.</param>
    public static QuantizedWeights Improve(ProductParameters parameters, QuantizedWeights nearest, InputGram gram, bool isCentered, double noise)
    {
        int depth = gram.Depth, channels = parameters.Channels, perGroup = channels / gram.Groups, together = Math.Min(perGroup, LeastSquaresRounding.RowsAtOnce);
        float[] weights = ByChannel(parameters.Weights.AsSpan<float>(), parameters);
        sbyte[] integers = ByChannel(nearest.Integers.AsSpan<sbyte>(), parameters);
        for (int group = 0; group < gram.Groups; group++)
        {
            if (gram.Form(group, isCentered, noise) is not { } form) continue;
            int first = group * perGroup, end = first + perGroup;
            Parallel.For(0, (perGroup + together - 1) / together, part =>
            {
                int channel = first + part * together, count = Math.Min(together, end - channel);
                Improve(weights.AsSpan(channel * depth, count * depth), nearest.Scales.AsSpan(channel, count), integers.AsSpan(channel * depth, count * depth), form);
            });
        }
        if (parameters.Axis != 0) integers = Transposition.Transposed<sbyte>(integers, channels, depth);
        return nearest with { Integers = Tensor.Create<sbyte>(integers, parameters.Weights.Dims) };
    }

    /// <summary>Takes the mean error of the outputs, (ŵ − w)ᵀ · mean(x), out of the bias (bias correction, Nagel et al. 2019, section 4.2).</summary>
    public static void CorrectBias(float[] bias, ProductParameters parameters, QuantizedWeights quantized, InputGram gram)
    {
        int depth = gram.Depth, perGroup = parameters.Channels / gram.Groups;
        float[] weights = ByChannel(parameters.Weights.AsSpan<float>(), parameters);
        sbyte[] integers = ByChannel(quantized.Integers.AsSpan<sbyte>(), parameters);
        double[] mean = [];
        for (int channel = 0; channel < bias.Length; channel++)
        {
            if (channel % perGroup == 0) mean = gram.Mean(channel / perGroup);
            double error = 0;
            for (int k = 0; k < depth; k++) error += ((double)quantized.Scales[channel] * integers[channel * depth + k] - weights[channel * depth + k]) * mean[k];
            if (double.IsFinite(error)) bias[channel] -= (float)error;
        }
    }

    private static void Improve(ReadOnlySpan<float> weights, ReadOnlySpan<float> scales, Span<sbyte> integers, QuadraticForm form)
    {
        int count = weights.Length;
        float[] steps = new float[count], values = new float[count], lowest = new float[count], highest = new float[count];
        for (int row = 0; row < scales.Length; row++) steps.AsSpan(row * form.Depth, form.Depth).Fill(scales[row]);
        for (int k = 0; k < count; k++)
        {
            float scale = steps[k];
            float exact = weights[k] / scale, nearest = values[k] = integers[k], other = exact > nearest ? nearest + 1 : nearest - 1;
            bool isOpen = MathF.Abs(exact - nearest) > Certain && MathF.Abs(other) <= Levels;
            (lowest[k], highest[k]) = isOpen ? (MathF.Min(nearest, other), MathF.Max(nearest, other)) : (nearest, nearest);
        }
        LeastSquaresRounding.Improve(weights, steps, values, lowest, highest, form);
        for (int k = 0; k < count; k++) integers[k] = (sbyte)values[k];
    }

    /// <summary>The weights of each output channel one after the other.</summary>
    private static T[] ByChannel<T>(ReadOnlySpan<T> weights, ProductParameters parameters) => parameters.Axis == 0
        ? weights.ToArray()
        : Transposition.Transposed(weights, (int)parameters.Weights.Dims[0], parameters.Channels);
}
