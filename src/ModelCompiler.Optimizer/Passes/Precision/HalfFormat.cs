using System.Runtime.InteropServices;
using ModelCompiler.Onnx;
using ModelCompiler.Runtime;

namespace ModelCompiler.Optimizer.Passes.Precision;

/// <summary>A floating-point format of 16 bits, and how constants come into it: rounded to nearest, ties to even.</summary>
public sealed class HalfFormat
{
    private readonly double _largestNoise;
    private readonly Func<float, ushort> _round;
    private readonly Func<ushort, float> _widen;

    private HalfFormat(ElementType type, string name, double largestNoise, Func<float, ushort> round, Func<ushort, float> widen) =>
        (ElementType, Name, _largestNoise, _round, _widen) = (type, name, largestNoise, round, widen);

    /// <summary>5 bits of exponent, 10 of fraction: exact to 3 digits between 6·10⁻⁵ and 65,504. Rounding leaves a noise of 10⁻⁷; more means that numbers fell below its smallest.</summary>
    public static HalfFormat Float16 { get; } =
        new(ElementType.Float16, "float16", 1e-6, x => BitConverter.HalfToUInt16Bits((Half)x), bits => (float)BitConverter.UInt16BitsToHalf(bits));

    /// <summary>8 bits of exponent, 7 of fraction: the range of float32, exact to 2 digits. Rounding leaves a noise of at most 2⁻¹⁸.</summary>
    public static HalfFormat BFloat16 { get; } =
        new(ElementType.BFloat16, "bfloat16", 1e-5, x => ((BFloat16)x).Bits, bits => new BFloat16(bits));

    /// <summary>The type of the elements.</summary>
    public ElementType ElementType { get; }

    /// <summary>The name for people.</summary>
    public string Name { get; }

    /// <summary>A float32 constant in this format; null where it does not fit.</summary>
    /// <param name="tensor">The constant.</param>
    /// <param name="reason">Why it does not fit.</param>
    public Tensor? Of(Tensor tensor, out string? reason)
    {
        Tensor rounded = Rounded(tensor);
        reason = Loss(tensor.AsSpan<float>(), MemoryMarshal.Cast<byte, ushort>(rounded.Bytes));
        return reason is null ? rounded : null;
    }

    /// <summary>A float32 constant in this format, whatever that loses.</summary>
    public Tensor Rounded(Tensor tensor)
    {
        ReadOnlySpan<float> values = tensor.AsSpan<float>();
        var bytes = new byte[values.Length * 2];
        Span<ushort> halves = MemoryMarshal.Cast<byte, ushort>(bytes.AsSpan());
        for (int i = 0; i < values.Length; i++) halves[i] = _round(values[i]);
        return new Tensor(ElementType, tensor.Dims, bytes);
    }

    /// <summary>A constant of this format in float32: exact.</summary>
    public Tensor Widened(Tensor tensor)
    {
        ReadOnlySpan<ushort> halves = MemoryMarshal.Cast<byte, ushort>(tensor.Bytes);
        var values = new float[halves.Length];
        for (int i = 0; i < values.Length; i++) values[i] = _widen(halves[i]);
        return Tensor.Create<float>(values, tensor.Dims);
    }

    /// <summary>Σ(w − h)² / Σw² must be what rounding leaves.</summary>
    private string? Loss(ReadOnlySpan<float> values, ReadOnlySpan<ushort> halves)
    {
        double signal = 0, noise = 0;
        for (int i = 0; i < values.Length; i++)
        {
            float half = _widen(halves[i]);
            if (float.IsFinite(values[i])) signal += (double)values[i] * values[i];
            if (half.Equals(values[i])) continue;
            if (float.IsInfinity(half)) return $"{values[i]:R} is beyond the range of {Name}";
            noise += Math.Pow((double)values[i] - half, 2);
        }
        return noise > _largestNoise * signal ? $"too many of its numbers are too small for {Name}" : null;
    }
}
