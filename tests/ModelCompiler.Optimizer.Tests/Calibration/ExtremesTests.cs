using ModelCompiler.Optimizer.Calibration;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Calibration;

public class ExtremesTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(Extremes.Capacity - 1)]
    [InlineData(Extremes.Capacity)]
    [InlineData(500)]
    public void The_largest_are_kept_in_order(int count)
    {
        var random = new Random(count);
        float[] all = [.. Enumerable.Range(0, count).Select(_ => (float)random.Next(-40, 40))];
        var extremes = new Extremes();
        foreach (float value in all) extremes.Add(value);
        Assert.Equal(count, extremes.Samples);
        Assert.Equal(all.OrderDescending().Take(Extremes.Capacity), extremes.Largest.ToArray());
        Assert.Equal(all.Select(value => Math.Clamp(value, -3, 7)).OrderDescending().Take(Extremes.Capacity), extremes.Clamped(-3, 7).Largest.ToArray());
    }
}
