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

    /// <summary>Neighbours count in tables of their own: equal ones would wait for each other's count to reach memory. No vector has fewer lanes.</summary>
    private const int Tables = 2;

    /// <summary>All that was counted before <see cref="_recent"/>; null where nothing was.</summary>
    private long[]? _counts;

    /// <summary>What was counted last, half the size of the other for each of the <see cref="Tables"/>: sums are taken once, not for each sample. Null after that.</summary>
    private int[]? _recent;
    private long _recentCount;
    private int _exponent = SmallestExponent;

    /// <summary>The width of a bin; bin i holds elements from (i − <see cref="BinCount"/>/2) · width up to the next bin.</summary>
    public double BinWidth => Math.ScaleB(1, _exponent);

    /// <summary>How many elements each bin holds.</summary>
    public ReadOnlySpan<long> Counts => Sums();

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

        if (_recentCount + values.Length > int.MaxValue) Sums();
        _recentCount += values.Length;
        _recent ??= new int[Tables * BinCount];
        // In float32 where the inverse is one of its numbers and no product is too small to be; both are exact then.
        int vectorized = nonFinite == 0 && _exponent is >= -126 and <= 0 ? CountVectors(values, _recent.AsSpan(0, BinCount), _recent.AsSpan(BinCount)) : 0;
        double inverse = Math.ScaleB(1, -_exponent);
        foreach (float value in values[vectorized..])
        {
            if (!float.IsFinite(value)) continue;
            _recent[(int)Math.Floor(value * inverse) + Half]++;
        }
    }

    /// <summary>Counts whole vectors; gives the number of elements that they held.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int CountVectors(ReadOnlySpan<float> values, Span<int> first, Span<int> second)
    {
        var inverse = new Vector<float>(MathF.ScaleB(1, -_exponent));
        var half = new Vector<int>(Half);
        int zeros = 0;
        Span<int> bins = stackalloc int[Vector<float>.Count];
        ReadOnlySpan<Vector<float>> vectors = MemoryMarshal.Cast<float, Vector<float>>(values);
        foreach (Vector<float> vector in vectors)
        {
            // Behind a Relu most are.
            if (Vector.EqualsAll(vector, Vector<float>.Zero))
            {
                zeros += Vector<float>.Count;
                continue;
            }
            (Vector.ConvertToInt32Native(Vector.Floor(vector * inverse)) + half).CopyTo(bins);
            for (int i = 0; i + Tables <= bins.Length; i += Tables)
            {
                first[bins[i]]++;
                second[bins[i + 1]]++;
            }
        }
        first[Half] += zeros;
        return vectors.Length * Vector<float>.Count;
    }

    /// <summary>The counts, those of the last elements added to the others.</summary>
    private long[] Sums()
    {
        _counts ??= new long[BinCount];
        if (_recent is null) return _counts;
        for (int i = 0; i < _recent.Length; i++) _counts[i % BinCount] += _recent[i];
        (_recent, _recentCount) = (null, 0);
        return _counts;
    }

    /// <summary>The middle of a bin.</summary>
    public double Center(int bin) => (bin - Half + 0.5) * BinWidth;

    /// <summary>The same with every element beyond the ends of a range counted at that end.</summary>
    internal Histogram Clamped(ValueRange range)
    {
        if (Count == 0 || (range.Min <= Min && range.Max >= Max)) return this;
        var clamped = new Histogram { _counts = new long[BinCount], _exponent = _exponent, Count = Count, NonFiniteCount = NonFiniteCount, Min = Math.Clamp(Min, range.Min, range.Max), Max = Math.Clamp(Max, range.Min, range.Max) };
        int first = BinOf(clamped.Min), last = BinOf(clamped.Max);
        long[] counts = Sums();
        for (int i = 0; i < BinCount; i++) clamped._counts[Math.Clamp(i, first, last)] += counts[i];
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
        if (_counts is null && _recent is null) return;
        var merged = new long[BinCount];
        long[] counts = Sums();
        for (int i = 0; i < BinCount; i++) merged[((i - Half) >> Math.Min(shift, 31)) + Half] += counts[i];
        _counts = merged;
    }
}
