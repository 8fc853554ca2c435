using System.Runtime.InteropServices;
using ModelCompiler.Onnx;

namespace ModelCompiler.Optimizer.Passes.Precision;

/// <summary>Constants in float16.</summary>
internal static class HalfTensor
{
    /// <summary>The largest Σ(w − h)² / Σw² that rounding to 11 bits leaves is about 10⁻⁷; more means that numbers fell below the smallest of float16.</summary>
    private const double LargestNoise = 1e-6;

    /// <summary>A float32 constant in float16; null where it does not fit.</summary>
    /// <param name="tensor">The constant.</param>
    /// <param name="reason">Why it does not fit.</param>
    public static Tensor? Of(Tensor tensor, out string? reason)
    {
        ReadOnlySpan<float> values = tensor.AsSpan<float>();
        var bytes = new byte[values.Length * 2];
        Span<Half> halves = MemoryMarshal.Cast<byte, Half>(bytes.AsSpan());
        for (int i = 0; i < values.Length; i++) halves[i] = (Half)values[i];
        reason = Loss(values, halves);
        return reason is null ? new Tensor(ElementType.Float16, tensor.Dims, bytes) : null;
    }

    /// <summary>A float16 constant in float32.</summary>
    public static Tensor Widen(Tensor tensor)
    {
        ReadOnlySpan<Half> halves = tensor.AsSpan<Half>();
        var bytes = new byte[halves.Length * 4];
        Span<float> values = MemoryMarshal.Cast<byte, float>(bytes.AsSpan());
        for (int i = 0; i < values.Length; i++) values[i] = (float)halves[i];
        return new Tensor(ElementType.Float, tensor.Dims, bytes);
    }

    private static string? Loss(ReadOnlySpan<float> values, ReadOnlySpan<Half> halves)
    {
        double signal = 0, noise = 0;
        for (int i = 0; i < values.Length; i++)
        {
            float half = (float)halves[i];
            if (half.Equals(values[i])) continue;
            if (float.IsInfinity(half)) return $"{values[i]:R} is beyond the range of float16";
            noise += Math.Pow((double)values[i] - half, 2);
        }
        foreach (float value in values)
            if (float.IsFinite(value)) signal += (double)value * value;
        return noise > LargestNoise * signal ? "too many of its numbers are too small for float16" : null;
    }
}
