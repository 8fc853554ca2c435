using ModelCompiler.Optimizer.Calibration;
using ModelCompiler.Optimizer.Tests.Support;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Calibration;

public class RangeTrustTests
{
    private const int Others = 20_000;

    [Theory]
    [InlineData(300, 12)]
    [InlineData(50, 2000)]
    public void What_enough_samples_cover_is_left_alone(int samples, int elements) => Assert.Equal(1, Widening(Normal(1, samples, elements)));

    [Theory]
    [InlineData(10)]
    [InlineData(20)]
    [InlineData(300)]
    public void Limits_are_known_from_few_samples(int samples) =>
        Assert.Equal(1, Widening([.. Normal(1, samples, 12).Select(sample => Array.ConvertAll(sample, value => Math.Clamp(value, -1, 1)))]));

    /// <summary>Of a few normal numbers others go beyond the largest, and lose more than by rounding; twice as wide a range, or thrice, has next to all of them.</summary>
    [Theory]
    [InlineData(10)]
    [InlineData(20)]
    [InlineData(40)]
    public void What_few_samples_nearly_cover_is_widened(int samples)
    {
        int wider = 0, better = 0;
        float[][] others = Normal(99, Others, 12);
        for (int seed = 0; seed < 50; seed++)
        {
            float[][] seen = Normal(1000 + seed, samples, 12);
            if (Widening(seen) is not { } factor || factor == 1) continue;
            wider++;
            if (Lost(seen, factor, others) < Lost(seen, 1, others)) better++;
        }
        Assert.InRange(wider, 35, 50);
        Assert.InRange(better, wider * 0.7, wider);
    }

    [Theory]
    [InlineData(1.0, 50)]
    [InlineData(1.0, 300)]
    public void No_range_serves_amounts(double deviation, int samples)
    {
        int none = 0;
        for (int seed = 0; seed < 50; seed++)
            if (Widening([.. Normal(seed, samples, 12).Select(sample => Array.ConvertAll(sample, value => (float)Math.Exp(deviation * value)))]) is null) none++;
        Assert.InRange(none, 40, 50);
    }

    [Fact]
    public void No_range_serves_what_one_sample_alone_had()
    {
        float[][] seen = Normal(1, 100, 12);
        seen[40][3] = -100;
        Assert.Null(Widening(seen));
    }

    /// <summary>What a tenth of the samples has is no accident, though it is far from the others.</summary>
    [Fact]
    public void A_few_loud_samples_among_many_say_how_loud_others_are()
    {
        float[][] seen = Normal(1, 200, 1000);
        for (int i = 0; i < seen.Length; i += 10) seen[i] = Array.ConvertAll(seen[i], value => 20 * value);
        Assert.Equal(1, Widening(seen));
    }

    [Fact]
    public void The_order_of_the_samples_tells_nothing()
    {
        float[][] seen = Normal(3, 20, 12);
        Assert.Equal(Widening(seen), Widening([.. seen.Reverse()]));
    }

    [Fact]
    public void Where_there_are_hardly_any_samples_nothing_is_known_of_others() => Assert.Equal(1, Widening([[1], [1], [1], [1], [1], [1], [100]]));

    [Fact]
    public void Of_nothing_nothing_is_said()
    {
        Assert.Equal(1, RangeTrust.Widening(new Histogram()));
        Assert.Equal(1, Widening([.. Enumerable.Repeat(new float[4], 20)]));
    }

    private static double? Widening(float[][] samples) => RangeTrust.Widening(Observed(samples));

    private static Histogram Observed(float[][] samples)
    {
        var histogram = new Histogram();
        foreach (float[] sample in samples) histogram.Add(sample);
        return histogram;
    }

    /// <summary>What others lose by rounding and clipping in the range of those that were seen, so many times as wide.</summary>
    private static double Lost(float[][] seen, double factor, float[][] others)
    {
        Histogram histogram = Observed(seen);
        return new ClippingError(Observed(others)).Of(new((float)(factor * histogram.Min), (float)(factor * histogram.Max)));
    }

    private static float[][] Normal(int seed, int samples, int elements) => [.. TestTensors.Normal(seed, samples, elements).Floats().Chunk(elements)];
}
