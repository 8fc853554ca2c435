using ModelCompiler.Onnx;

namespace ModelCompiler.Optimizer.Quantization;

/// <summary>Weights as signed 8-bit integers: real = Scales[c] · integer for channel c of <paramref name="Axis"/>, zero point 0.</summary>
internal sealed record QuantizedWeights(Tensor Integers, float[] Scales, int Axis);

/// <summary>Quantizes weights per output channel, symmetrically, to the nearest integer (Jacob et al. 2018; Krishnamoorthi 2018, section 3.1.1).</summary>
internal static class WeightQuantizer
{
    private const int Levels = 127;

    /// <summary>Quantizes a tensor of float32.</summary>
    /// <param name="weights">The weights, any rank.</param>
    /// <param name="axis">The axis of the output channels.</param>
    /// <param name="smallestScales">A lower limit for the scale of each channel.</param>
    public static QuantizedWeights Quantize(Tensor weights, int axis, ReadOnlySpan<float> smallestScales)
    {
        ReadOnlySpan<float> values = weights.AsSpan<float>();
        int channels = (int)weights.Dims[axis];
        int inner = 1;
        for (int i = axis + 1; i < weights.Rank; i++) inner *= (int)weights.Dims[i];

        var scales = new float[channels];
        for (int start = 0, run = 0; start < values.Length; start += inner, run++)
        {
            ref float largest = ref scales[run % channels];
            foreach (float value in values.Slice(start, inner)) largest = MathF.Max(largest, MathF.Abs(value));
        }
        for (int c = 0; c < channels; c++) scales[c] = MathF.Max(QuantizationParameters.SymmetricScale(scales[c], Levels), smallestScales[c]);

        var integers = new sbyte[values.Length];
        for (int start = 0, run = 0; start < values.Length; start += inner, run++)
        {
            float scale = scales[run % channels];
            for (int i = start; i < start + inner; i++) integers[i] = (sbyte)Math.Clamp(MathF.Round(values[i] / scale), -Levels, Levels);
        }
        return new QuantizedWeights(Tensor.Create<sbyte>(integers, weights.Dims), scales, axis);
    }
}
