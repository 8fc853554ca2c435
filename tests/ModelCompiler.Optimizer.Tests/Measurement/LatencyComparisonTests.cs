using System.Globalization;
using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Measurement;
using ModelCompiler.Optimizer.Tests.Support;
using ModelCompiler.Runtime;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Measurement;

/// <summary>On a clock that the contestants move themselves, so that every figure is exact.</summary>
public class LatencyComparisonTests
{
    private readonly ManualClock _clock = new();

    [Fact]
    public void Gives_every_contestant_a_turn_in_each_round_after_a_run_that_does_not_count()
    {
        var order = new List<int>();
        Action[] contestants = [.. Enumerable.Range(0, 3).Select<int, Action>(index => () =>
        {
            order.Add(index);
            _clock.Advance(1);
        })];
        LatencyResult result = Measure(contestants, rounds: 4);
        Assert.Equal(4, result.Rounds);
        // Three runs each to warm up; what takes a millisecond runs twice in its turn.
        Assert.Equal([0, 0, 1, 1, 2, 2, 1, 1, 2, 2, 0, 0, 2, 2, 0, 0, 1, 1, 2, 2, 1, 1, 0, 0], order[9..]);
    }

    [Fact]
    public void Does_not_count_what_the_one_before_left_in_the_caches()
    {
        int last = -1;
        // The first takes a millisecond, the others two; the run after another's takes one more.
        Action[] contestants = [.. Enumerable.Range(0, 4).Select<int, Action>(index => () =>
        {
            _clock.Advance((index == 0 ? 1 : 2) + (index == last ? 0 : 1));
            last = index;
        })];
        Assert.All(Measure(contestants, rounds: 8).Figures.Skip(1), figure => Assert.Equal(2, figure.Ratio));
    }

    [Fact]
    public void What_a_contestant_waits_for_does_not_count_by_a_clock_of_its_work()
    {
        var work = new ManualClock();
        int calls = 0;
        Action first = () => Take(10), second = () => Take(15);
        LatencyResult result = LatencyComparison.Measure([first, second], new LatencyBudget(TimeSpan.Zero, 20), _clock, work, TestContext.Current.CancellationToken);
        Assert.Equal((10, 1.5), (result.Figures[0].MedianMs, result.Figures[1].Ratio));

        void Take(double milliseconds)
        {
            work.Advance(milliseconds);
            // Others had the processor meanwhile.
            _clock.Advance(milliseconds + 7 * (++calls % 5));
        }
    }

    [Fact]
    public void A_threads_clock_passes_with_its_work_only()
    {
        if (!OperatingSystem.IsLinux() && !OperatingSystem.IsMacOS()) return;
        long start = ThreadClock.OrSystem.GetTimestamp(), wall = TimeProvider.System.GetTimestamp();
        Thread.Sleep(50);
        Assert.InRange(ThreadClock.OrSystem.GetElapsedTime(start).TotalMilliseconds, 0, 25);
        while (ThreadClock.OrSystem.GetElapsedTime(start).TotalMilliseconds < 25) Thread.SpinWait(100);
        Assert.InRange(TimeProvider.System.GetElapsedTime(wall).TotalMilliseconds, 50, double.MaxValue);
    }

    [Fact]
    public void Gives_median_and_95th_percentile()
    {
        int calls = 0;
        LatencyResult result = Measure([() => _clock.Advance(10 + ++calls)], rounds: 20);
        // The rounds took 14 to 33 milliseconds.
        Assert.Equal(new LatencyFigures(23.5, 32, 1), result.Figures[0]);
    }

    [Fact]
    public void Takes_ratios_within_rounds_so_that_a_machine_that_slows_down_does_not_count()
    {
        double slowness = 1;
        int calls = 0;
        Action first = () => _clock.Advance(20 * slowness);
        Action second = () => _clock.Advance(30 * slowness);
        LatencyResult result = Measure([Slower(first), Slower(second)], rounds: 9);
        Assert.Equal(1, result.Figures[0].Ratio);
        Assert.Equal(1.5, result.Figures[1].Ratio, 9);

        // Twice as slow after each round of two, the rounds of the warm-up left out.
        Action Slower(Action contestant) => () =>
        {
            contestant();
            if (++calls > 6 && calls % 2 == 0) slowness *= 2;
        };
    }

    [Fact]
    public void Repeats_what_is_too_short_for_the_clock_and_takes_the_mean()
    {
        int calls = 0;
        LatencyResult result = Measure(
            [() =>
            {
                calls++;
                _clock.Advance(LatencyComparison.MinSliceMs / 50);
            }
        ], rounds: 2);
        Assert.Equal(3 + 2 * (1 + 50), calls);
        Assert.Equal(LatencyComparison.MinSliceMs / 50, result.Figures[0].MedianMs, 9);
    }

    [Theory]
    [InlineData(0, 5)]
    [InlineData(3, 8)]
    [InlineData(50, 10)]
    public void Goes_on_for_the_time_that_it_is_given_warming_up_until_runs_get_no_faster_or_for_a_tenth_of_it(int slowRuns, int warmUps)
    {
        int calls = 0;
        // What warms up takes three percent less each time, and ten milliseconds on average of the time that is allowed.
        Action contestant = () => _clock.Advance(calls++ < slowRuns ? 12 * Math.Pow(0.97, calls) : 10 * Math.Pow(0.97, Math.Min(slowRuns, 10)));
        LatencyResult result = LatencyComparison.Measure([contestant], new LatencyBudget(TimeSpan.FromSeconds(1)), _clock);
        Assert.Equal(calls, result.Rounds + warmUps);
    }

    [Theory]
    [InlineData(2, 0.001, 5)]
    [InlineData(2, 0.04, 6)]
    [InlineData(2, 0.2, 50)]
    [InlineData(1, 0.001, 8)]
    [InlineData(1, 0.04, 75)]
    public void Stops_as_soon_as_the_ratio_is_known(double ratio, double noise, int rounds)
    {
        int calls = 0;
        Action first = () => _clock.Advance(10);
        // Give or take the noise by turns.
        Action second = () => _clock.Advance(10 * ratio * (1 + (calls++ % 2 == 0 ? noise : -noise)));
        LatencyResult result = LatencyComparison.Measure([first, second], new LatencyBudget(TimeSpan.FromSeconds(1.5), Tolerance: 0.01), _clock);
        // A tenth of the time has five rounds of 30 milliseconds, and seven of 20; an interval wants six, and what is surely far from one fewer.
        Assert.Equal(rounds, result.Rounds);
        Assert.InRange(result.Figures[1].Ratio, ratio * (1 - noise), ratio * (1 + noise));
    }

    [Theory]
    [InlineData(1.1, 6)]
    [InlineData(0.9, 6)]
    [InlineData(1.02, 50)]
    public void Stops_as_soon_as_the_ratio_is_on_one_side_of_a_limit(double ratio, int rounds)
    {
        int calls = 0;
        Action first = () => _clock.Advance(10);
        Action second = () => _clock.Advance(10 * ratio * (1 + (calls++ % 2 == 0 ? 0.05 : -0.05)));
        var budget = new LatencyBudget(TimeSpan.FromSeconds(1), Tolerance: 0.01) { Limit = 1.02 };
        Assert.Equal(rounds, LatencyComparison.Measure([first, second], budget, _clock).Rounds);
    }

    [Theory]
    [InlineData(1.5, 3)]
    [InlineData(1.2, 3)]
    [InlineData(1.02, 6)]
    public void Few_rounds_are_enough_only_for_what_is_far_from_one(double ratio, int rounds)
    {
        // A round takes more than the tenth of the time after which it is looked.
        int calls = 0;
        Action first = () => _clock.Advance(100), second = () => _clock.Advance(100 * ratio * (calls++ % 2 == 0 ? 1.004 : 0.996));
        LatencyResult result = LatencyComparison.Measure([first, second], new LatencyBudget(TimeSpan.FromSeconds(1), Tolerance: 0.01), _clock);
        Assert.Equal(rounds, result.Rounds);
    }

    [Fact]
    public void What_is_surely_slower_than_wanted_runs_no_more()
    {
        int[] runs = new int[3];
        // The second is within noise of the first, the third is not.
        double[] factors = [1, 1, 1.3];
        Action[] contestants = [.. Enumerable.Range(0, 3).Select<int, Action>(index => () => _clock.Advance(10 * factors[index] * (runs[index]++ % 2 == 0 || index == 0 ? 1 : 1.1)))];
        LatencyResult result = LatencyComparison.Measure(contestants, new LatencyBudget(TimeSpan.FromSeconds(3), Tolerance: 0.01) { Hopeless = 1 }, _clock);
        Assert.True(runs[2] < runs[1] / 4, $"{runs[2]} of {runs[1]} runs");
        Assert.InRange(result.Figures[2].Ratio, 1.29, 1.44);
        // Two thirds of the time are left to the others, not three.
        Assert.InRange(_clock.GetTimestamp() / 1e9, 1.5, 2.7);
    }

    [Theory]
    // The second surely gains on the first, and by how much the third gains on it, alone, does not matter.
    [InlineData("0.9 0.8", 6)]
    // Nothing is gained on the second: there is no closer look at either.
    [InlineData("0.9 0.9", 18)]
    // Two gain on the second: by how much, has to be known.
    [InlineData("0.9 0.8 0.82", 26)]
    // What surely gains nothing on the second runs no more.
    [InlineData("0.9 0.875 1", 16, true)]
    // Whether the second gains is open.
    [InlineData("0.98", 51)]
    // The second is surely slower than the first, with which the others are compared then.
    [InlineData("1.1 0.8", 6)]
    [InlineData("1.1 0.8 0.82", 29)]
    public void Where_one_is_to_be_chosen_there_is_no_closer_look_than_that_takes(string ratios, int rounds, bool isLastGivenUp = false)
    {
        double[] factors = [1, .. ratios.Split(' ').Select(ratio => double.Parse(ratio, CultureInfo.InvariantCulture))];
        int[] runs = new int[factors.Length];
        // Give or take 2.5 % by turns that differ; all but the first.
        Action[] contestants = [.. factors.Select<double, Action>((factor, index) => () => _clock.Advance(10 * factor * (index == 0 ? 1 : runs[index]++ / index % 2 == 0 ? 1.025 : 0.975)))];
        var budget = new LatencyBudget(TimeSpan.FromSeconds(1), Tolerance: 0.001) { Hopeless = 1, Gain = 0.97 };
        Assert.Equal(rounds, LatencyComparison.Measure(contestants, budget, _clock).Rounds);
        // With the warm-up what is not given up has more runs than rounds.
        Assert.Equal(isLastGivenUp, runs[^1] < rounds);
    }

    [Fact]
    public void Does_not_insist_on_many_rounds_of_what_takes_long()
    {
        int calls = 0;
        Action contestant = () =>
        {
            calls++;
            _clock.Advance(5000);
        };
        LatencyResult result = LatencyComparison.Measure([contestant, contestant], new LatencyBudget(TimeSpan.FromSeconds(3)), _clock);
        Assert.Equal(3, result.Rounds);
        Assert.Equal(2 * (1 + 3), calls);
    }

    [Theory]
    // While it warms up, and between two rounds.
    [InlineData(4)]
    [InlineData(9)]
    public void Stops_when_it_is_cancelled(int last)
    {
        using var source = new CancellationTokenSource();
        int calls = 0;
        Action contestant = () =>
        {
            _clock.Advance(1);
            if (++calls == last) source.Cancel();
        };
        Assert.Throws<OperationCanceledException>(() => LatencyComparison.Measure([contestant], new LatencyBudget(TimeSpan.FromMinutes(10)), _clock, cancellationToken: source.Token));
        Assert.Equal(last, calls);
    }

    [Fact]
    public void Times_sessions_of_any_element_type()
    {
        foreach (ElementType type in new[] { ElementType.Float, ElementType.Double, ElementType.Float16, ElementType.Bool, ElementType.Int8, ElementType.UInt8, ElementType.Int32, ElementType.Int64, ElementType.String })
        {
            var builder = new GraphBuilder();
            builder.Output("y", builder.Op("Identity", builder.Input("x", type, Dim.Named("n"))), new TensorType(type, null));
            using InferenceSession session = InferenceSession.Open(OnnxWriter.ToBytes(builder.Model));
            TensorBuffer value = type == ElementType.String ? TensorBuffer.Create([2], new[] { "a", "b" }) : TensorBuffer.Create((TensorElementType)type, [2]);
            LatencyResult result = LatencyComparison.Measure([(session, [("x", value)])], new LatencyBudget(TimeSpan.Zero, Rounds: 1));
            Assert.True(result.Figures[0].MedianMs > 0);
        }
    }

    private LatencyResult Measure(IReadOnlyList<Action> contestants, int rounds) =>
        LatencyComparison.Measure(contestants, new LatencyBudget(TimeSpan.Zero, rounds), _clock);

    private sealed class ManualClock : TimeProvider
    {
        private long _now;

        public override long TimestampFrequency => 1_000_000_000;

        public void Advance(double milliseconds) => _now += (long)Math.Round(milliseconds * 1e6);

        public override long GetTimestamp() => _now;
    }
}
