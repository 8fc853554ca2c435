using ModelCompiler.Optimizer.Compilation;
using ModelCompiler.Optimizer.Compilation.Precisions;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Compilation;

public class AutoChoiceTests
{
    /// <summary>float32, three that are faster or smaller, one that is the smallest and slow, and one that is smaller by nothing.</summary>
    private static readonly AutoContender[] Contenders = [new(1, 1000), new(0.8, 400), new(0.7, 300), new(1.3, 150), new(0.98, 520), new(1, 999)];

    [Theory]
    [InlineData(Objective.Latency, null, null, 2, true)]
    [InlineData(Objective.Size, null, null, 2, true)]
    // The slowest is the smallest, and not worth it.
    [InlineData(Objective.Latency, 200.0, null, 2, false)]
    [InlineData(Objective.Size, null, 0.75, 2, true)]
    [InlineData(Objective.Size, null, 0.5, 2, false)]
    public void The_best_that_keeps_the_budgets(Objective objective, double? bytes, double? ratio, int best, bool keeps) =>
        Assert.Equal((best, keeps), new AutoChoice(new CompileOptions { Objective = objective, MaxBytes = bytes, MaxLatencyRatio = ratio }).Of(Contenders));

    [Fact]
    public void What_fits_comes_before_what_is_faster() =>
        Assert.Equal((2, true), new AutoChoice(new CompileOptions { MaxBytes = 600 }).Of([new(1, 1000), new(0.5, 900), new(0.99, 500)]));

    [Fact]
    public void Nothing_is_given_away_for_a_byte() =>
        Assert.Equal((0, true), new AutoChoice(new CompileOptions { Objective = Objective.Size }).Of([new(1, 1000), new(1, 999)]));

    [Fact]
    public void Time_is_a_budget_where_size_is_looked_for() =>
        Assert.Equal((1, true), new AutoChoice(new CompileOptions { Objective = Objective.Size, MaxLatencyRatio = 0.9 }).Of([new(1, 1000), new(0.8, 600), new(1.02, 300)]));

    [Fact]
    public void What_is_accurate_enough_comes_before_what_is_faster()
    {
        AutoContender[] contenders = [new(1, 1000, 96.5), new(0.5, 250, 96.41), new(0.7, 500, 96.45)];
        Assert.Equal((1, true), new AutoChoice(new CompileOptions()).Of(contenders));
        Assert.Equal((2, true), new AutoChoice(new CompileOptions { MinAccuracy = 96.45 }).Of(contenders));
        Assert.Equal((1, false), new AutoChoice(new CompileOptions { MinAccuracy = 96.6 }).Of(contenders));
    }
}
