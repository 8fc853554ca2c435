using System.Numerics;
using System.Runtime.CompilerServices;
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
            int first = group * perGroup, end = first + perGroup, parts = (perGroup + together - 1) / together;
            // The one part of a group of a depthwise convolution takes less than to wake another thread.
            if (parts == 1) ImprovePart(0);
            else Parallel.For(0, parts, ImprovePart);

            void ImprovePart(int part)
            {
                int channel = first + part * together, count = Math.Min(together, end - channel);
                Improve(weights.AsSpan(channel * depth, count * depth), nearest.Scales.AsSpan(channel, count), integers.AsSpan(channel * depth, count * depth), form);
            }
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
        for (int row = 0, start = 0; row < scales.Length; row++, start += form.Depth)
        {
            steps.AsSpan(start, form.Depth).Fill(scales[row]);
            for (int k = start; k < start + form.Depth; k++) values[k] = integers[k];
            Neighbours(weights.Slice(start, form.Depth), scales[row], values.AsSpan(start, form.Depth), lowest.AsSpan(start, form.Depth), highest.AsSpan(start, form.Depth));
        }
        LeastSquaresRounding.Improve(weights, steps, values, lowest, highest, form);
        for (int k = 0; k < count; k++) integers[k] = (sbyte)values[k];
    }

    /// <summary>The two integers around each weight, or the nearest alone.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Neighbours(ReadOnlySpan<float> weights, float scale, ReadOnlySpan<float> integers, Span<float> lowest, Span<float> highest)
    {
        Vector<float> step = new(scale), levels = new(Levels), certain = new(Certain);
        int vectorized = weights.Length - weights.Length % Vector<float>.Count;
        for (int k = 0; k < vectorized; k += Vector<float>.Count)
        {
            Vector<float> exact = new Vector<float>(weights[k..]) / step, nearest = new(integers[k..]);
            Vector<float> other = Vector.ConditionalSelect(Vector.GreaterThan(exact, nearest), nearest + Vector<float>.One, nearest - Vector<float>.One);
            Vector<int> isOpen = Vector.GreaterThan(Vector.Abs(exact - nearest), certain) & Vector.LessThanOrEqual(Vector.Abs(other), levels);
            other = Vector.ConditionalSelect(isOpen, other, nearest);
            Vector.Min(nearest, other).CopyTo(lowest[k..]);
            Vector.Max(nearest, other).CopyTo(highest[k..]);
        }
        for (int k = vectorized; k < weights.Length; k++)
        {
            float exact = weights[k] / scale, nearest = integers[k], other = exact > nearest ? nearest + 1 : nearest - 1;
            bool isOpen = MathF.Abs(exact - nearest) > Certain && MathF.Abs(other) <= Levels;
            (lowest[k], highest[k]) = isOpen ? (MathF.Min(nearest, other), MathF.Max(nearest, other)) : (nearest, nearest);
        }
    }

    /// <summary>The weights of each output channel one after the other.</summary>
    private static T[] ByChannel<T>(ReadOnlySpan<T> weights, ProductParameters parameters) => parameters.Axis == 0
        ? weights.ToArray()
        : Transposition.Transposed(weights, (int)parameters.Weights.Dims[0], parameters.Channels);
}
