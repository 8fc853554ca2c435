using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
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
            largest = MathF.Max(largest, LargestMagnitude(values.Slice(start, inner)));
        }
        for (int c = 0; c < channels; c++) scales[c] = MathF.Max(QuantizationParameters.SymmetricScale(scales[c], Levels), smallestScales[c]);

        var integers = new sbyte[values.Length];
        for (int start = 0, run = 0; start < values.Length; start += inner, run++) Round(values.Slice(start, inner), scales[run % channels], integers.AsSpan(start, inner));
        return new QuantizedWeights(Tensor.Create<sbyte>(integers, weights.Dims), scales, axis);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float LargestMagnitude(ReadOnlySpan<float> values)
    {
        ReadOnlySpan<Vector<float>> vectors = MemoryMarshal.Cast<float, Vector<float>>(values);
        Vector<float> largest = Vector<float>.Zero;
        foreach (Vector<float> vector in vectors) largest = Vector.Max(largest, Vector.Abs(vector));
        float found = 0;
        for (int i = 0; i < Vector<float>.Count; i++) found = MathF.Max(found, largest[i]);
        foreach (float value in values[(vectors.Length * Vector<float>.Count)..]) found = MathF.Max(found, MathF.Abs(value));
        return found;
    }

    /// <summary>The integers, by vectors as by numbers: ties to even.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Round(ReadOnlySpan<float> values, float scale, Span<sbyte> integers)
    {
        ReadOnlySpan<Vector<float>> vectors = MemoryMarshal.Cast<float, Vector<float>>(values);
        Vector<float> step = new(scale), lowest = new(-Levels), highest = new(Levels);
        Span<int> rounded = stackalloc int[Vector<int>.Count];
        int at = 0;
        foreach (Vector<float> vector in vectors)
        {
            Vector.ConvertToInt32(Vector.Min(Vector.Max(Vector.Round(vector / step), lowest), highest)).CopyTo(rounded);
            foreach (int integer in rounded) integers[at++] = (sbyte)integer;
        }
        for (; at < values.Length; at++) integers[at] = (sbyte)Math.Clamp(MathF.Round(values[at] / scale), -Levels, Levels);
    }
}
