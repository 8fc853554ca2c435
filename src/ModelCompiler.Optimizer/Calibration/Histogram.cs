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

    /// <summary>Elements that are counted before the tables are added to the counts: as many as one bin of a table may hold, in whole vectors.</summary>
    private const int MostInTables = ushort.MaxValue / 64 * 64;

    /// <summary>Bins for each element up to which tables are worth adding up.</summary>
    private const int MostBinsPerElement = 4;

    /// <summary>So small that they stay in the first cache, which the counts of all tensors of a model do not; zeros between calls.</summary>
    [ThreadStatic]
    private static ushort[]? _tables;

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

    /// <summary>The largest element of each of the samples that have the largest.</summary>
    internal Extremes Highest { get; private set; } = new();

    /// <summary>The smallest of each of those that have the smallest, with the other sign.</summary>
    internal Extremes Lowest { get; private set; } = new();

    /// <summary>Counts the elements of one more sample.</summary>
    public void Add(ReadOnlySpan<float> values)
    {
        (float min, float max, int nonFinite) = Extremes(values);
        NonFiniteCount += nonFinite;
        if (nonFinite == values.Length) return;
        Min = MathF.Min(Min, min);
        Max = MathF.Max(Max, max);
        Highest.Add(max);
        Lowest.Add(-min);
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

    /// <summary>Counts whole vectors; gives the number of elements that they held.</summary>
    private int CountVectors(ReadOnlySpan<float> values, float min, float max)
    {
        float inverse = MathF.ScaleB(1, -_exponent);
        int first = (int)MathF.Floor(min * inverse) + Half, last = (int)MathF.Floor(max * inverse) + Half;
        if (values.Length * MostBinsPerElement < last - first) return 0;
        _tables ??= new ushort[Tables * BinCount];
        int length = values.Length / Vector<float>.Count * Vector<float>.Count;
        for (int from = 0; from < length; from += MostInTables)
        {
            CountInTables(values[from..Math.Min(length, from + MostInTables)], inverse, _tables.AsSpan(0, BinCount), _tables.AsSpan(BinCount));
            AddTables(first, last, _tables.AsSpan(0, BinCount), _tables.AsSpan(BinCount));
        }
        return length;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void CountInTables(ReadOnlySpan<float> values, float inverse, Span<ushort> even, Span<ushort> odd)
    {
        var half = new Vector<int>(Half);
        ushort zeros = 0;
        Span<int> bins = stackalloc int[Vector<float>.Count];
        foreach (Vector<float> vector in MemoryMarshal.Cast<float, Vector<float>>(values))
        {
            // Behind a Relu most are.
            if (Vector.EqualsAll(vector, Vector<float>.Zero))
            {
                zeros += (ushort)Vector<float>.Count;
                continue;
            }
            (Vector.ConvertToInt32Native(Vector.Floor(vector * inverse)) + half).CopyTo(bins);
            for (int i = 0; i + Tables <= bins.Length; i += Tables)
            {
                even[bins[i]]++;
                odd[bins[i + 1]]++;
            }
        }
        even[Half] += zeros;
    }

    /// <summary>Adds the tables to the counts, and clears them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void AddTables(int first, int last, Span<ushort> even, Span<ushort> odd)
    {
        Span<Vector<ushort>> evens = MemoryMarshal.Cast<ushort, Vector<ushort>>(even), odds = MemoryMarshal.Cast<ushort, Vector<ushort>>(odd);
        Span<Vector<ulong>> counts = MemoryMarshal.Cast<long, Vector<ulong>>(_counts.AsSpan());
        for (int i = first / Vector<ushort>.Count; i <= last / Vector<ushort>.Count; i++)
        {
            Vector.Widen(evens[i] + odds[i], out Vector<uint> low, out Vector<uint> high);
            Vector.Widen(low, out Vector<ulong> a, out Vector<ulong> b);
            Vector.Widen(high, out Vector<ulong> c, out Vector<ulong> d);
            Span<Vector<ulong>> four = counts.Slice(4 * i, 4);
            four[0] += a;
            four[1] += b;
            four[2] += c;
            four[3] += d;
            evens[i] = odds[i] = Vector<ushort>.Zero;
        }
    }

    /// <summary>The middle of a bin.</summary>
    public double Center(int bin) => (bin - Half + 0.5) * BinWidth;

    /// <summary>The same with every element beyond the ends of a range counted at that end.</summary>
    internal Histogram Clamped(ValueRange range)
    {
        if (Count == 0 || (range.Min <= Min && range.Max >= Max)) return this;
        var clamped = new Histogram
        {
            _exponent = _exponent,
            Count = Count,
            NonFiniteCount = NonFiniteCount,
            Min = Math.Clamp(Min, range.Min, range.Max),
            Max = Math.Clamp(Max, range.Min, range.Max),
            Highest = Highest.Clamped(range.Min, range.Max),
            Lowest = Lowest.Clamped(-range.Max, -range.Min),
        };
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
