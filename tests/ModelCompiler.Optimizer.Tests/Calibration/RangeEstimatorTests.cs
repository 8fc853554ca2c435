using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Calibration;
using ModelCompiler.Optimizer.Quantization;
using ModelCompiler.Optimizer.Tests.Support;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Calibration;

public class RangeEstimatorTests
{
    [Fact]
    public void MinMax_is_what_was_seen_extended_to_zero()
    {
        Assert.Equal(new ValueRange(0, 5), RangeEstimator.Estimate(HistogramTests.Of([2f, 5f]), RangeMethod.MinMax));
        Assert.Equal(new ValueRange(-5, 0), RangeEstimator.Estimate(HistogramTests.Of([-2f, -5f]), RangeMethod.MinMax));
        Assert.Equal(new ValueRange(0, 0), RangeEstimator.Estimate(HistogramTests.Of([]), RangeMethod.MinMax));
    }

    [Theory]
    [InlineData(RangeMethod.MeanSquaredError, 70f)]
    [InlineData(RangeMethod.Percentile, 6f)]
    [InlineData(RangeMethod.Entropy, 20f)]
    public void An_outlier_is_cut_off_where_the_rest_gains(RangeMethod method, float largest)
    {
        float[] body = TestTensors.Normal(3, 200_000).Floats();
        ValueRange range = RangeEstimator.Estimate(HistogramTests.Of(body, [80f]), method);
        Assert.InRange(range.Max, 2.5f, largest);
        Assert.InRange(range.Min, -6f, -2.5f);
    }

    [Theory]
    [InlineData(RangeMethod.MeanSquaredError)]
    [InlineData(RangeMethod.Percentile)]
    [InlineData(RangeMethod.Entropy)]
    public void Stays_inside_what_was_seen_and_holds_zero(RangeMethod method)
    {
        foreach (float[] values in (float[][])[[0f], [1f], [-1f], [1f, 1f, 1f], [-1e-30f, 1e30f], [3f, 4f], TestTensors.Normal(5, 1000).Floats()])
        {
            ValueRange range = RangeEstimator.Estimate(HistogramTests.Of(values), method);
            Assert.InRange(range.Min, MathF.Min(values.Min(), 0), 0);
            Assert.InRange(range.Max, 0, MathF.Max(values.Max(), 0));
        }
    }

    [Fact]
    public void Squared_error_finds_what_brute_force_finds()
    {
        float[] values = [.. TestTensors.Normal(7, 400_000).Floats().Select(MathF.Abs), 20f];
        ValueRange found = RangeEstimator.Estimate(HistogramTests.Of(values), RangeMethod.MeanSquaredError);
        double best = Enumerable.Range(1, 40).Min(i => Error(values, 20f * i / 40));
        Assert.InRange(Error(values, found.Max) / best, 1.0, 1.05);
        Assert.True(Error(values, found.Max) < 0.8 * Error(values, 20f));
    }

    private static double Error(float[] values, float max)
    {
        QuantizationParameters parameters = QuantizationParameters.Asymmetric(new ValueRange(0, max), ElementType.UInt8);
        return values.Sum(v => Math.Pow(v - parameters.Dequantize(parameters.Quantize(v)), 2));
    }
}
