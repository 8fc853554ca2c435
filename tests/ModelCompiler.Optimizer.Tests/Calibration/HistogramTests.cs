using ModelCompiler.Optimizer.Calibration;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Calibration;

public class HistogramTests
{
    /// <summary>Bins of up to one are counted in vectors, wider ones are not.</summary>
    [Theory]
    [InlineData(7)]
    [InlineData(10)]
    public void Does_not_depend_on_order_or_grouping(double largestExponent)
    {
        var random = new Random(1);
        float[] values = [.. Enumerable.Range(0, 5000).Select(i => (float)(Math.Exp((random.NextDouble() * 2 - 1) * largestExponent) * (random.Next(2) * 2 - 1)))];
        Histogram forward = Of(values), backward = Of(values.Reverse()), grouped = Of(values[..7], values[7..4000], values[4000..]);
        Assert.Equal(forward.Counts.ToArray(), backward.Counts.ToArray());
        Assert.Equal(forward.Counts.ToArray(), grouped.Counts.ToArray());
        Assert.Equal((forward.Min, forward.Max, forward.BinWidth), (backward.Min, backward.Max, backward.BinWidth));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(150)]
    public void Counts_every_element_in_the_bin_that_holds_it(int repetitions)
    {
        float[] few = [-3.5f, -1e-20f, 0f, -0f, 1f, 1f, 3.4999f, -float.Epsilon, 0.7f];
        float[] values = [.. Enumerable.Repeat(few, repetitions).SelectMany(part => part)];
        Histogram histogram = Of(values);
        Assert.Equal(values.Length, histogram.Counts.ToArray().Sum());
        for (int bin = 0; bin < Histogram.BinCount; bin++)
        {
            double low = histogram.Center(bin) - histogram.BinWidth / 2;
            Assert.Equal(values.Count(v => v >= low && v < low + histogram.BinWidth), histogram.Counts[bin]);
        }
    }

    [Fact]
    public void Counts_go_on_after_they_were_read_and_after_a_larger_element()
    {
        float[] values = [.. Enumerable.Range(0, 640).Select(i => i % 64 < 32 ? 0 : (i % 9 - 4) * 0.1f)];
        Histogram read = Of(values[..320]);
        Assert.Equal(320, read.Counts.ToArray().Sum());
        read.Add(values.AsSpan(320));
        Assert.Equal(Of(values).Counts.ToArray(), read.Counts.ToArray());
        read.Add([100f]);
        Assert.Equal(Of([.. values, 100f]).Counts.ToArray(), read.Counts.ToArray());
    }

    [Fact]
    public void Keeps_at_least_a_thousand_bins_for_the_side_that_is_used()
    {
        Histogram histogram = Of([.. Enumerable.Range(0, 100_000).Select(i => i * 0.013f)]);
        Assert.InRange(histogram.Counts.ToArray().Count(c => c > 0), 1024, Histogram.BinCount);
    }

    [Fact]
    public void Sets_NaN_and_infinities_aside()
    {
        Histogram histogram = Of([float.NaN, 1f, float.PositiveInfinity, -2f, float.NegativeInfinity]);
        Assert.Equal((2, 3, -2f, 1f), (histogram.Count, histogram.NonFiniteCount, histogram.Min, histogram.Max));

        float[] many = [.. Enumerable.Range(0, 100).Select(i => i % 7 == 0 ? float.NaN : i % 11 == 0 ? float.NegativeInfinity : i)];
        histogram = Of(many);
        Assert.Equal((many.Count(float.IsFinite), many.Count(value => !float.IsFinite(value)), 1f, 97f), (histogram.Count, histogram.NonFiniteCount, histogram.Min, histogram.Max));
        Assert.Equal(histogram.Count, histogram.Counts.ToArray().Sum());
    }

    [Fact]
    public void Holds_the_extremes_of_float()
    {
        Histogram histogram = Of([float.Epsilon, float.MaxValue, -float.MaxValue, 0f]);
        Assert.Equal(4, histogram.Counts.ToArray().Sum());
        Assert.Equal(float.MaxValue, histogram.Max);
    }

    internal static Histogram Of(params IEnumerable<float>[] groups)
    {
        var histogram = new Histogram();
        foreach (IEnumerable<float> group in groups) histogram.Add(group.ToArray());
        return histogram;
    }
}
