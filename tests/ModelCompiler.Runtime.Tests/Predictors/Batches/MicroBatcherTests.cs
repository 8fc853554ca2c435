using ModelCompiler.Runtime.Tests.Models;
using Xunit;

namespace ModelCompiler.Runtime.Tests.Predictors.Batches;

/// <summary>Who shares a run with whom: a first call holds the worker until all others wait, so that no clock decides.</summary>
public sealed class MicroBatcherTests : IDisposable
{
    private const int MaxBatch = 4;

    private readonly TestPredictor _predictor = new(TestPredictor.Describe(
        TestModels.MatMul("N"), [new TensorSpec("x", TensorElementType.Float32, ["N", 4])], [new TensorSpec("y", TensorElementType.Float32, ["N", 3])]) with
    {
        Batch = new BatchLimits(null, MaxBatch, 0),
    });

    private readonly HeldBatching _batching = new();

    public void Dispose()
    {
        _batching.Dispose();
        _predictor.Dispose();
    }

    [Theory]
    [InlineData(1000)]
    [InlineData(7)]
    [InlineData(1)]
    public async Task Calls_run_in_the_order_in_which_they_came(int capacity)
    {
        using var batcher = Batcher(capacity);
        var calls = Hold(batcher).Concat(Enumerable.Range(1, 50).Select(number => batcher.Run(new Call(number, 0), default))).ToArray();

        Assert.Equal(Enumerable.Range(0, 51), await Answers(calls));
        Assert.Equal(Enumerable.Range(0, 51), _batching.Runs.SelectMany(run => run).Select(call => call.Number));
        Assert.All(_batching.Runs, run => Assert.InRange(run.Count, 1, Math.Min(MaxBatch, capacity)));
    }

    [Fact]
    public async Task Each_run_begins_with_the_oldest_call_and_skips_only_those_that_cannot_share_it()
    {
        using var batcher = Batcher(capacity: 1000);
        var random = new Random(5);
        Call[] others = [.. Enumerable.Range(1, 60).Select(number => new Call(number, random.Next(3)))];
        await Answers(Hold(batcher).Concat(others.Select(call => batcher.Run(call, default))));

        var waiting = others.ToList();
        foreach (var run in _batching.Runs.Skip(1))
        {
            Assert.Equal(waiting.Where(call => call.Kind == waiting[0].Kind).Take(run.Count), run);
            waiting.RemoveAll(run.Contains);
        }

        Assert.Empty(waiting);
    }

    [Theory]
    [InlineData(1000)]
    [InlineData(3)]
    public async Task A_call_that_was_given_up_takes_nobodys_place(int capacity)
    {
        using var batcher = Batcher(capacity);
        using var source = new CancellationTokenSource();
        var first = Hold(batcher);
        var calls = Enumerable.Range(1, 20).Select(number => batcher.Run(new Call(number, 0), number % 2 == 0 ? source.Token : default)).ToArray();
        await source.CancelAsync();
        Assert.All(calls.Where((_, i) => i % 2 == 1), call => Assert.True(call.IsCanceled));

        int[] kept = [0, .. Enumerable.Range(0, 10).Select(i => (2 * i) + 1)];
        Assert.Equal(kept, await Answers(first.Concat(calls.Where((_, i) => i % 2 == 0))));
        Assert.Equal(kept, _batching.Runs.SelectMany(run => run).Select(call => call.Number));
    }

    [Fact]
    public async Task Disposal_refuses_all_that_wait_and_lets_the_run_end()
    {
        var batcher = Batcher(capacity: 2);
        var first = Hold(batcher);
        var calls = Enumerable.Range(1, 9).Select(number => batcher.Run(new Call(number, 0), default)).ToArray();
        batcher.Dispose();

        Assert.All(calls, call => Assert.IsType<ObjectDisposedException>(call.Exception!.InnerException));
        Assert.Equal(0, Assert.Single(await Answers(first)));
    }

    private MicroBatcher<Call, int> Batcher(int capacity) =>
        new(new BatchRunner<Call, int>(_predictor, _batching), TimeSpan.Zero, capacity, workers: 1, "test");

    /// <summary>A call whose run waits until answers are asked for.</summary>
    private Task<int>[] Hold(MicroBatcher<Call, int> batcher)
    {
        var call = batcher.Run(new Call(0, 0), default);
        _batching.Begun.Wait();
        return [call];
    }

    private Task<int[]> Answers(IEnumerable<Task<int>> calls)
    {
        Task<int>[] all = [.. calls];
        _batching.Go.Set();
        return Task.WhenAll(all);
    }

    private readonly record struct Call(int Number, int Kind);

    private sealed class HeldBatching : Batching<Call, int>, IDisposable
    {
        public ManualResetEventSlim Begun { get; } = new();

        public ManualResetEventSlim Go { get; } = new();

        public List<List<Call>> Runs { get; } = [];

        public override void Check(SampleCheck check, in Call input)
        {
        }

        public override bool CanShare(in Call first, in Call other) => first.Kind == other.Kind;

        public override void Write(PredictorCall call, in Call input, int sample, int count)
        {
            Begun.Set();
            Go.Wait();
            if (sample == 0)
            {
                Runs.Add([]);
            }

            Runs[^1].Add(input);
            call.SetSample<float>(0, sample, count, [0, 0, input.Number, 0]);
        }

        // Row 2 of the model's weights begins with -0.5.
        public override int Read(PredictorCall call, int sample, int count) => (int)(call.GetSample<float>(0, sample, count).Span[0] * -2);

        public void Dispose()
        {
            Begun.Dispose();
            Go.Dispose();
        }
    }
}
