using System.Buffers;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using ModelCompiler.Optimizer.Quantization;

namespace ModelCompiler.Optimizer.Calibration;

/// <summary>
/// Counts of the elements of a tensor over bins of equal width, gathered in constant memory. The width is a power of two, and doubles when a
/// larger element arrives, so that the result depends on neither the order nor the grouping of the samples.
/// </summary>
public sealed class Histogram
{
    /// <summary>The number of bins, half of them for negative elements.</summary>
    public const int BinCount = 8192;

    private const int Half = BinCount / 2;
    private const int SmallestExponent = -140;

    /// <summary>No vector has fewer lanes.</summary>
    private const int Tables = 4;

    private readonly long[] _counts = new long[BinCount];
    private int _exponent = SmallestExponent;

    /// <summary>The width of a bin; bin i holds elements from (i − <see cref="BinCount"/>/2) · width up to the next bin.</summary>
    public double BinWidth => Math.ScaleB(1, _exponent);

    /// <summary>How many elements each bin holds.</summary>
    public ReadOnlySpan<long> Counts => _counts;

    /// <summary>The smallest finite element; positive infinity before any.</summary>
    public float Min { get; private set; } = float.PositiveInfinity;

    /// <summary>The largest finite element; negative infinity before any.</summary>
    public float Max { get; private set; } = float.NegativeInfinity;

    /// <summary>The number of finite elements.</summary>
    public long Count { get; private set; }

    /// <summary>The number of NaN and infinite elements, which are counted nowhere else.</summary>
    public long NonFiniteCount { get; private set; }

    /// <summary>Counts more elements.</summary>
    public void Add(ReadOnlySpan<float> values)
    {
        (float min, float max, int nonFinite) = Extremes(values);
        NonFiniteCount += nonFinite;
        if (nonFinite == values.Length) return;
        Min = MathF.Min(Min, min);
        Max = MathF.Max(Max, max);
        Count += values.Length - nonFinite;
        Widen(Math.Max(Math.Abs((double)min), Math.Abs((double)max)));

        // In float32 where the inverse is one of its numbers and no product is too small to be; both are exact then.
        int vectorized = nonFinite == 0 && _exponent is >= -126 and <= 0 ? CountVectors(values, min, max) : 0;
        double inverse = Math.ScaleB(1, -_exponent);
        foreach (float value in values[vectorized..])
        {
            if (!float.IsFinite(value)) continue;
            _counts[(int)Math.Floor(value * inverse) + Half]++;
        }
    }

    /// <summary>
    /// Counts whole vectors; gives the number of elements that they held. Equal elements, such as the zeros behind a Relu, wait for each other's count
    /// to reach memory: neighbours count in tables of their own, where there are enough of them to pay for that.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int CountVectors(ReadOnlySpan<float> values, float min, float max)
    {
        float inverse = MathF.ScaleB(1, -_exponent);
        int first = (int)MathF.Floor(min * inverse), width = (int)MathF.Floor(max * inverse) - first + 1;
        if (values.Length < 2 * width) return 0;
        int[] rented = ArrayPool<int>.Shared.Rent(Tables * width);
        Span<int> tables = rented.AsSpan(0, Tables * width);
        tables.Clear();
        Span<int> second = tables[width..], third = second[width..], fourth = third[width..];
        Span<int> bins = stackalloc int[Vector<float>.Count];
        ReadOnlySpan<Vector<float>> vectors = MemoryMarshal.Cast<float, Vector<float>>(values);
        foreach (Vector<float> vector in vectors)
        {
            (Vector.ConvertToInt32(Vector.Floor(vector * inverse)) - new Vector<int>(first)).CopyTo(bins);
            for (int i = 0; i + Tables <= bins.Length; i += Tables)
            {
                tables[bins[i]]++;
                second[bins[i + 1]]++;
                third[bins[i + 2]]++;
                fourth[bins[i + 3]]++;
            }
        }
        for (int i = 0; i < width; i++) _counts[first + Half + i] += (long)tables[i] + second[i] + third[i] + fourth[i];
        ArrayPool<int>.Shared.Return(rented);
        return vectors.Length * Vector<float>.Count;
    }

    /// <summary>The middle of a bin.</summary>
    public double Center(int bin) => (bin - Half + 0.5) * BinWidth;

    /// <summary>The same with every element beyond the ends of a range counted at that end.</summary>
    internal Histogram Clamped(ValueRange range)
    {
        if (Count == 0 || (range.Min <= Min && range.Max >= Max)) return this;
        var clamped = new Histogram { _exponent = _exponent, Count = Count, NonFiniteCount = NonFiniteCount, Min = Math.Clamp(Min, range.Min, range.Max), Max = Math.Clamp(Max, range.Min, range.Max) };
        int first = BinOf(clamped.Min), last = BinOf(clamped.Max);
        for (int i = 0; i < BinCount; i++) clamped._counts[Math.Clamp(i, first, last)] += _counts[i];
        return clamped;
    }

    private int BinOf(float value) => (int)Math.Floor(value / BinWidth) + Half;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static (float Min, float Max, int NonFinite) Extremes(ReadOnlySpan<float> values)
    {
        ReadOnlySpan<Vector<float>> vectors = MemoryMarshal.Cast<float, Vector<float>>(values);
        var infinity = new Vector<float>(float.PositiveInfinity);
        Vector<float> lows = infinity, highs = -infinity;
        Vector<int> finite = Vector<int>.Zero;
        foreach (Vector<float> vector in vectors)
        {
            // All bits where an element is finite, which is −1.
            Vector<int> isFinite = Vector.LessThan(Vector.Abs(vector), infinity);
            lows = Vector.Min(lows, Vector.ConditionalSelect(isFinite, vector, infinity));
            highs = Vector.Max(highs, Vector.ConditionalSelect(isFinite, vector, -infinity));
            finite -= isFinite;
        }
        float min = float.PositiveInfinity, max = float.NegativeInfinity;
        for (int i = 0; i < Vector<float>.Count; i++) (min, max) = (MathF.Min(min, lows[i]), MathF.Max(max, highs[i]));
        int nonFinite = vectors.Length * Vector<float>.Count - Vector.Sum(finite);
        foreach (float value in values[(vectors.Length * Vector<float>.Count)..])
        {
            if (!float.IsFinite(value))
            {
                nonFinite++;
                continue;
            }
            if (value < min) min = value;
            if (value > max) max = value;
        }
        return (min, max, nonFinite);
    }

    private void Widen(double maxAbs)
    {
        int exponent = _exponent;
        while (maxAbs >= Math.ScaleB(Half, exponent)) exponent++;
        int shift = exponent - _exponent;
        if (shift == 0) return;
        _exponent = exponent;
        if (Count == 0) return;
        var merged = new long[BinCount];
        for (int i = 0; i < BinCount; i++) merged[((i - Half) >> Math.Min(shift, 31)) + Half] += _counts[i];
        merged.CopyTo(_counts, 0);
    }
}
