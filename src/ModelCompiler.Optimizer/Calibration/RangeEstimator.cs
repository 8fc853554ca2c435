using ModelCompiler.Optimizer.Quantization;

namespace ModelCompiler.Optimizer.Calibration;

/// <summary>Chooses the range of a tensor from its <see cref="Histogram"/>.</summary>
public static class RangeEstimator
{
    private const int Levels = 256;
    private const double Tail = 1e-4;

    /// <summary>Fractions of the full range that are tried at either end.</summary>
    private static readonly double[] Fractions = [.. Enumerable.Range(0, 61).Select(i => 1 - i * 0.015)];

    /// <summary>The range; it lies inside what was observed, and holds zero.</summary>
    public static ValueRange Estimate(Histogram histogram, RangeMethod method)
    {
        if (histogram.Count == 0) return new ValueRange(0, 0);
        var full = new ValueRange(MathF.Min(histogram.Min, 0), MathF.Max(histogram.Max, 0));
        return method switch
        {
            RangeMethod.MeanSquaredError => Search(histogram, full, SquaredError),
            RangeMethod.Entropy => Search(histogram, full, Divergence),
            RangeMethod.Percentile => Percentile(histogram, full),
            _ => full,
        };
    }

    private static ValueRange Percentile(Histogram histogram, ValueRange full)
    {
        long allowed = (long)(histogram.Count * Tail), seen = 0;
        int low = 0, high = Histogram.BinCount - 1;
        while ((seen += histogram.Counts[low]) <= allowed) low++;
        seen = 0;
        while ((seen += histogram.Counts[high]) <= allowed) high--;
        double half = histogram.BinWidth / 2;
        return new ValueRange((float)Math.Clamp(histogram.Center(low) - half, full.Min, 0), (float)Math.Clamp(histogram.Center(high) + half, 0, full.Max));
    }

    /// <summary>Shrinks one end, then the other, to where the cost is least; the ends of one-sided tensors stay at zero.</summary>
    private static ValueRange Search(Histogram histogram, ValueRange full, Func<Histogram, ValueRange, double> cost)
    {
        ValueRange best = full;
        double least = cost(histogram, full);
        for (int round = 0; round < 2; round++)
        {
            ValueRange start = best;
            foreach (double fraction in Fractions)
            {
                ValueRange[] candidates = [new(start.Min, (float)(full.Max * fraction)), new((float)(full.Min * fraction), start.Max), new((float)(full.Min * fraction), (float)(full.Max * fraction))];
                foreach (ValueRange candidate in candidates)
                {
                    if (candidate.Max - candidate.Min <= 0) continue;
                    double found = cost(histogram, candidate);
                    if (found >= least) continue;
                    (best, least) = (candidate, found);
                }
            }
        }
        return best;
    }

    /// <summary>Σ over bins of count · E[(x − quantized x)²]: step²/12 inside the range (uniform rounding error), the squared distance to the nearest end outside.</summary>
    private static double SquaredError(Histogram histogram, ValueRange range)
    {
        double step = ((double)range.Max - range.Min) / (Levels - 1), rounding = step * step / 12, error = 0;
        ReadOnlySpan<long> counts = histogram.Counts;
        for (int i = 0; i < counts.Length; i++)
        {
            if (counts[i] == 0) continue;
            double x = histogram.Center(i), beyond = Math.Max(range.Min - x, x - range.Max);
            error += counts[i] * (beyond > 0 ? beyond * beyond + rounding : rounding);
        }
        return error;
    }

    /// <summary>
    /// KL(P‖Q): P is the observed distribution, with what lies outside the range put on its ends; Q is the part inside, spread evenly over
    /// the occupied bins of each of the 256 levels.
    /// </summary>
    private static double Divergence(Histogram histogram, ValueRange range)
    {
        Span<double> mass = stackalloc double[Levels];
        Span<int> occupied = stackalloc int[Levels];
        ReadOnlySpan<long> counts = histogram.Counts;
        int first = -1, last = -1;
        double below = 0, above = 0, inside = 0;
        for (int i = 0; i < counts.Length; i++)
        {
            if (counts[i] == 0) continue;
            double x = histogram.Center(i);
            if (x < range.Min) below += counts[i];
            else if (x > range.Max) above += counts[i];
            else
            {
                if (first < 0) first = i;
                last = i;
                inside += counts[i];
                mass[Level(x, range)] += counts[i];
                occupied[Level(x, range)]++;
            }
        }
        if (first < 0) return double.PositiveInfinity;

        double divergence = 0;
        for (int i = first; i <= last; i++)
        {
            if (counts[i] == 0) continue;
            int level = Level(histogram.Center(i), range);
            double p = (counts[i] + (i == first ? below : 0) + (i == last ? above : 0)) / histogram.Count, q = mass[level] / occupied[level] / inside;
            divergence += p * Math.Log(p / q);
        }
        return divergence;
    }

    private static int Level(double x, ValueRange range) => (int)Math.Clamp(Math.Floor((x - range.Min) / ((double)range.Max - range.Min) * Levels), 0, Levels - 1);
}
