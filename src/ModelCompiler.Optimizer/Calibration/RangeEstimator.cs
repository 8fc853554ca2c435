using ModelCompiler.Optimizer.Quantization;

namespace ModelCompiler.Optimizer.Calibration;

/// <summary>Chooses the range of a tensor from its <see cref="Histogram"/>.</summary>
public static class RangeEstimator
{
    private const int Levels = 256;
    private const double Tail = 1e-4;

    private const int Steps = 32;

    /// <summary>The range; it holds zero, and but for <see cref="RangeMethod.Doubled"/> lies inside what was observed.</summary>
    public static ValueRange Estimate(Histogram histogram, RangeMethod method)
    {
        if (histogram.Count == 0) return new ValueRange(0, 0);
        var full = new ValueRange(MathF.Min(histogram.Min, 0), MathF.Max(histogram.Max, 0));
        return method switch
        {
            RangeMethod.MeanSquaredError => Search(full, new ClippingError(histogram).Of),
            RangeMethod.Entropy => Search(full, range => Divergence(histogram, range)),
            RangeMethod.Percentile => Percentile(histogram, full),
            RangeMethod.Doubled => new ValueRange(2 * full.Min, 2 * full.Max),
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

    /// <summary>Tries ends between zero and the full range, apart and together, then between the neighbours of the best.</summary>
    private static ValueRange Search(ValueRange full, Func<ValueRange, double> cost)
    {
        ValueRange best = full;
        double least = cost(full);
        foreach (double step in (double[])[1.0 / Steps, 1.0 / Steps / 8])
        {
            (double low, double high) = (Share(best.Min, full.Min), Share(best.Max, full.Max));
            int reach = step == 1.0 / Steps ? Steps : 8;
            for (int i = -reach; i <= reach; i++)
            {
                double min = full.Min * Math.Clamp(low + i * step, 0, 1), max = full.Max * Math.Clamp(high + i * step, 0, 1);
                foreach (ValueRange candidate in (ValueRange[])[new((float)min, best.Max), new(best.Min, (float)max), new((float)min, (float)max)])
                {
                    if (!(candidate.Max > candidate.Min)) continue;
                    double found = cost(candidate);
                    if (found >= least) continue;
                    (best, least) = (candidate, found);
                }
            }
        }
        return best;
    }

    private static double Share(float part, float whole) => whole == 0 ? 0 : part / (double)whole;

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
