using Xunit;

namespace ModelCompiler.Runtime.Tests.Predictors.Batches;

public class BatchTurnsTests
{
    [Theory]
    [InlineData(64)]
    [InlineData(7)]
    [InlineData(1)]
    public void Callers_that_come_back_are_halved(int callers)
    {
        var turns = new BatchTurns();
        // All of them were in the last run.
        turns.Ended(waiting: 0, answered: callers, TimeSpan.FromMilliseconds(1));
        int half = (callers + 1) / 2;

        Assert.Equal(half == 1, turns.IsEnough(1));
        Assert.True(turns.IsEnough(half));
        Assert.False(turns.IsEnough(half - 1));
        Assert.Equal(half, turns.Share(callers));

        // The other half ran while these came back.
        turns.Ended(waiting: half, answered: callers - half, TimeSpan.FromMilliseconds(1));
        Assert.Equal(half, turns.Share(half));
    }

    [Fact]
    public void A_rush_is_not_held_back_by_few_callers_before()
    {
        var turns = new BatchTurns();
        turns.Ended(waiting: 1, answered: 1, TimeSpan.FromMilliseconds(1));
        Assert.Equal(50, turns.Share(100));
    }

    [Theory]
    [InlineData(80, 10)]
    [InlineData(1_000_000, 100)]
    public void Patience_is_a_small_part_of_a_run_and_never_long(int runMicroseconds, int patienceMicroseconds)
    {
        var turns = new BatchTurns();
        turns.Ended(0, 1, TimeSpan.FromMicroseconds(runMicroseconds));
        Assert.Equal(TimeSpan.FromMicroseconds(patienceMicroseconds), turns.Patience);
    }
}
