using ModelCompiler.Onnx;

namespace ModelCompiler.Optimizer.Quantization;

/// <summary>
/// An affine map between reals and 8-bit integers, real = <paramref name="Scale"/> · (integer − <paramref name="ZeroPoint"/>)
/// (Jacob et al. 2018, "Quantization and Training of Neural Networks for Efficient Integer-Arithmetic-Only Inference", eq. 1).
/// </summary>
/// <param name="Scale">The step; positive and finite.</param>
/// <param name="ZeroPoint">The integer that stands for zero, inside the type's range.</param>
/// <param name="Type"><see cref="ElementType.UInt8"/> or <see cref="ElementType.Int8"/>.</param>
public readonly record struct QuantizationParameters(float Scale, int ZeroPoint, ElementType Type)
{
    // Below this a scale, or a product of two, leaves the range of normal floats, and kernels divide by zero.
    private const float SmallestScale = 1e-15f;

    /// <summary>The smallest integer of the type.</summary>
    public int Min => Type == ElementType.UInt8 ? byte.MinValue : sbyte.MinValue;

    /// <summary>The largest integer of the type.</summary>
    public int Max => Type == ElementType.UInt8 ? byte.MaxValue : sbyte.MaxValue;

    /// <summary>The map that spends all 256 steps on the range, extended to hold zero exactly: padding and Relu need it.</summary>
    /// <exception cref="ArgumentException">The range is empty or not finite.</exception>
    public static QuantizationParameters Asymmetric(ValueRange range, ElementType type)
    {
        if (range.IsEmpty || !float.IsFinite(range.Min) || !float.IsFinite(range.Max)) throw new ArgumentException($"{range} is no finite range.", nameof(range));
        double min = Math.Min(range.Min, 0), max = Math.Max(range.Max, 0);
        int lowest = type == ElementType.UInt8 ? byte.MinValue : sbyte.MinValue;
        double scale = (max - min) / 255;
        if (scale < SmallestScale) return new QuantizationParameters(1f / 255, lowest, type);
        int zeroPoint = (int)Math.Clamp(Math.Round(lowest - min / scale), lowest, lowest + 255);
        return new QuantizationParameters((float)scale, zeroPoint, type);
    }

    /// <summary>The map of signed integers with zero point 0, whose 254 steps are spent on the larger side of the range.</summary>
    /// <exception cref="ArgumentException">The range is empty or not finite.</exception>
    public static QuantizationParameters Symmetric(ValueRange range)
    {
        if (range.IsEmpty || !float.IsFinite(range.Min) || !float.IsFinite(range.Max)) throw new ArgumentException($"{range} is no finite range.", nameof(range));
        return new QuantizationParameters(SymmetricScale(MathF.Max(MathF.Abs(range.Min), MathF.Abs(range.Max))), 0, ElementType.Int8);
    }

    /// <summary>The step of signed integers with zero point 0 for magnitudes up to <paramref name="maxAbs"/>.</summary>
    public static float SymmetricScale(float maxAbs, int levels = 127)
    {
        float scale = maxAbs / levels;
        return scale < SmallestScale ? 1f / levels : scale;
    }

    /// <summary>The nearest integer, ties to even as in QuantizeLinear, saturated.</summary>
    public int Quantize(float value) => (int)Math.Clamp(MathF.Round(value / Scale) + ZeroPoint, Min, Max);

    /// <summary>The real that an integer stands for.</summary>
    public float Dequantize(int value) => Scale * (value - ZeroPoint);
}
