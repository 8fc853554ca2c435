using Xunit;

namespace ModelCompiler.Runtime.Tests.Predictors.Batches;

public class BatchTurnsTests
{
    [Theory]
    [InlineData(64)]
    [InlineData(7)]
    [InlineData(2)]
    public void Callers_that_come_back_are_halved(int callers)
    {
        var turns = new BatchTurns();
        // All of them were in the last run.
        turns.Ended(waiting: 0, answered: callers, TimeSpan.FromMilliseconds(1), TimeSpan.Zero);
        int half = (callers + 1) / 2;

        Assert.Equal(half == 1, turns.IsEnough(1));
        Assert.True(turns.IsEnough(half));
        Assert.False(turns.IsEnough(half - 1));
        Assert.Equal(half, turns.Share(callers));

        // The other half ran while these came back.
        turns.Ended(waiting: half, answered: callers - half, TimeSpan.FromMilliseconds(1), TimeSpan.Zero);
        Assert.Equal(half, turns.Share(half));
    }

    [Fact]
    public void A_rush_is_not_held_back_by_few_callers_before()
    {
        var turns = new BatchTurns();
        turns.Ended(waiting: 1, answered: 1, TimeSpan.FromMilliseconds(1), TimeSpan.Zero);
        Assert.Equal(50, turns.Share(100));
    }

    [Theory]
    [InlineData(1, 80, 10)]
    [InlineData(1, 1_000_000, 105)]
    [InlineData(64, 1_000_000, 260)]
    public void Patience_is_a_small_part_of_a_run_and_no_longer_than_callers_take(int callers, int runMicroseconds, int patienceMicroseconds)
    {
        var turns = new BatchTurns();
        turns.Ended(0, callers, TimeSpan.FromMicroseconds(runMicroseconds), TimeSpan.Zero);
        Assert.Equal(TimeSpan.FromMicroseconds(patienceMicroseconds), turns.Patience);
    }

    [Theory]
    [InlineData(8, 5000, 10, 8)]
    [InlineData(8, 100, 1000, 4)]
    [InlineData(64, 2000, 20, 64)]
    [InlineData(64, 10, 100, 32)]
    [InlineData(1, 1000, 10, 1)]
    public void All_run_together_where_half_of_them_take_as_long(int callers, int fixedMicroseconds, int microsecondsOfEach, int expected)
    {
        var turns = new BatchTurns();
        var clock = TimeSpan.Zero;
        Assert.Equal(expected, UsualRun(turns, ref clock, callers, fixedMicroseconds, microsecondsOfEach));
    }

    [Fact]
    public void What_was_found_is_found_again_when_the_model_or_the_load_behaves_differently()
    {
        var turns = new BatchTurns();
        var clock = TimeSpan.Zero;
        Assert.Equal(8, UsualRun(turns, ref clock, 8, 5000, 10));
        Assert.Equal(4, UsualRun(turns, ref clock, 8, 10, 100));
        Assert.Equal(20, UsualRun(turns, ref clock, 40, 10, 10));
        Assert.Equal(40, UsualRun(turns, ref clock, 40, 5000, 10));
    }

    /// <summary>The size of most runs, when callers come back after 100 µs, and a run takes a time of its own and more for each call.</summary>
    private static int UsualRun(BatchTurns turns, ref TimeSpan clock, int callers, int fixedMicroseconds, int microsecondsOfEach)
    {
        var callersTake = TimeSpan.FromMicroseconds(100);
        var sizes = new List<int>();
        int waiting = callers, away = 0;
        for (int turn = 0; turn < 8000; turn++)
        {
            if (away > 0 && (waiting == 0 || (!turns.IsEnough(waiting) && turns.Patience >= callersTake)))
            {
                clock += callersTake;
                (waiting, away) = (waiting + away, 0);
            }

            int size = Math.Min(waiting, turns.Share(waiting));
            var run = TimeSpan.FromMicroseconds(fixedMicroseconds + (size * microsecondsOfEach));
            clock += run;
            (waiting, away) = (waiting - size + away, size);
            turns.Ended(waiting, size, run, clock);
            sizes.Add(size);
        }

        return sizes[6000..].CountBy(size => size).MaxBy(pair => pair.Value).Key;
    }
}
