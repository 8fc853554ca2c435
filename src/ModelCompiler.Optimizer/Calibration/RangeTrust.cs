namespace ModelCompiler.Optimizer.Calibration;

/// <summary>
/// How far the range of a tensor serves samples that were not observed. Without the j samples of the largest elements it would end at M, the largest of the next, and they would
/// lose Σ(x − M)² over what is larger, all of which is theirs. As much is lost of every j-th part of N samples beyond an end at M; beyond the end that there is, it grows
/// with the square of the range, as tails do that look the same at every scale, P(X > x) ~ x^−α. What thin tails differ in is little, as their j largest lie close together.
/// The index is Hill's estimate, 1/α = the mean of ln(M[i]/M[j]).
/// </summary>
internal static class RangeTrust
{
    /// <summary>
    /// Below this share of a tensor's energy nothing is done: of the tensors of fourteen networks on pictures, sound, text and tables, all with 50 samples or more, none reaches 0.0004,
    /// and most are below 0.00001. With fewer samples it is less, by the square of their number: these tell it only roughly, and a step that is twice as large costs little.
    /// </summary>
    private const double Negligible = 5e-4;

    private const double EnoughSamples = 50;

    /// <summary>What may be lost in a range that was widened: where it is more, no range serves. Few samples seem to lose more than they do: twenty of normal numbers twice of it.</summary>
    private const double Tolerable = 1e-3, TolerableByFew = 0.03;

    /// <summary>Two bits fewer for what was observed.</summary>
    private const double LargestFactor = 4;

    /// <summary>What the largest element may be over another if both are to tell of one tail: behind it, as behind the last of a few loud samples, the many begin.</summary>
    private const double LargestRatio = 4;

    /// <summary>Every eighth sample is of the tail, and two are at least.</summary>
    private const int TailShare = 8, FewestInTail = 2;

    /// <summary>Fewer tell nothing of others.</summary>
    private const int FewestSamples = 10;

    private const int Steps = 255;

    /// <summary>How many times as wide the range should be, for the least to be lost by rounding and clipping together; null where too much would be clipped for integers of 8 bits.</summary>
    public static double? Widening(Histogram histogram)
    {
        int samples = histogram.Highest.Samples;
        if (samples < FewestSamples) return 1;
        var error = new ClippingError(histogram);
        (double high, double highHill) = Beyond(histogram.Highest, error.Above);
        (double low, double lowHill) = Beyond(histogram.Lowest, end => error.Below(-end));
        double clipping = high + low;
        if (clipping <= Negligible * Math.Min(1, Math.Pow(samples / EnoughSamples, 2)) * error.Energy) return 1;
        // E[(X − w·R)²] ~ w^(2 − α), and a step is w times as large.
        double alpha = 1 / (high > low ? highHill : lowHill), width = Math.Max(histogram.Max, 0) - Math.Min(histogram.Min, 0), rounding = histogram.Count * width * width / (12.0 * Steps * Steps);
        if (!(alpha > 2)) return null;
        double factor = Math.Clamp(Math.Pow(clipping * (alpha - 2) / (2 * rounding), 1 / alpha), 1, LargestFactor);
        return clipping * Math.Pow(factor, 2 - alpha) <= (Tolerable + TolerableByFew / samples) * error.Energy ? factor : null;
    }

    /// <summary>What as many samples as were observed would lose beyond one end, and 1/α.</summary>
    private static (double Clipping, double Hill) Beyond(Extremes extremes, Func<double, double> clipped)
    {
        ReadOnlySpan<float> largest = extremes.Largest;
        if (largest[0] <= 0) return (0, 0);
        double sum = 0, hill = 0;
        int tail = 0, most = Math.Min(largest.Length - 1, Math.Max(extremes.Samples / TailShare, FewestInTail));
        while (tail < most)
        {
            int j = tail + 1;
            double end = Math.Max(largest[j], 0), ratio = largest[0] / end;
            if (ratio > LargestRatio && tail >= FewestInTail) break;
            ratio = Math.Min(ratio, LargestRatio);
            sum += clipped(end) / j * ratio * ratio;
            hill += j * Math.Log(largest[j - 1] / end);
            tail = j;
        }
        return (sum / tail, hill / tail);
    }
}
