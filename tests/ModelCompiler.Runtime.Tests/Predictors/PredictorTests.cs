using ModelCompiler.Runtime.Tests.Models;
using Xunit;

namespace ModelCompiler.Runtime.Tests.Predictors;

public class PredictorTests
{
    private static readonly PredictorDescription Fixed = TestPredictor.Describe(
        TestModels.MatMul(1),
        [new TensorSpec("x", TensorElementType.Float32, [1, 4])],
        [new TensorSpec("y", TensorElementType.Float32, [1, 3])]);

    private static readonly PredictorDescription Batched = TestPredictor.Describe(
        TestModels.MatMul("batch"),
        [new TensorSpec("x", TensorElementType.Float32, ["batch", 4])],
        [new TensorSpec("y", TensorElementType.Float32, ["batch", 3])]);

    [Fact]
    public void Predicts()
    {
        using var predictor = new TestPredictor(Fixed);

        var y = predictor.Predict([1, 0, 0, 0]);

        Assert.Equal([-1.5f, -0.5f, 0.5f], y.Span);
        Assert.Equal([1, 3], y.Shape);
        Assert.Equal(2, y.ArgMax());
    }

    [Fact]
    public void Results_belong_to_the_caller()
    {
        using var predictor = new TestPredictor(Fixed);

        var first = predictor.Predict([1, 0, 0, 0]);
        predictor.Predict([5, 5, 5, 5]);

        Assert.Equal([-1.5f, -0.5f, 0.5f], first.Span);
    }

    [Fact]
    public void A_call_allocates_nothing_but_its_result()
    {
        using var predictor = new TestPredictor(Fixed);
        float[] x = [1, 0, 0, 0];
        for (int i = 0; i < 50; i++)
        {
            predictor.PredictFirst(x);
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
        {
            predictor.PredictFirst(x);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void The_number_of_elements_decides_an_open_dimension()
    {
        using var predictor = new TestPredictor(Batched);

        Assert.Equal([3, 3], predictor.Predict(new float[12]).Shape);
        Assert.Equal([1, 3], predictor.Predict(new float[4]).Shape);
        Assert.Equal([0, 3], predictor.Predict([]).Shape);
    }

    [Theory]
    [InlineData(3, "3 elements, not 4")]
    [InlineData(5, "5 elements, not 4")]
    [InlineData(0, "0 elements, not 4")]
    public void A_wrong_length_is_refused(int length, string actual)
    {
        using var predictor = new TestPredictor(Fixed);

        var error = Assert.Throws<TensorMismatchException>(() => predictor.Predict(new float[length]));

        Assert.Equal("OM5030", error.Code);
        Assert.Equal($"Input 'x': expected float32[1, 4], got {actual}.", error.Message);
    }

    [Fact]
    public void A_length_that_fits_no_batch_is_refused()
    {
        using var predictor = new TestPredictor(Batched);

        var error = Assert.Throws<TensorMismatchException>(() => predictor.Predict(new float[6]));

        Assert.Equal("Input 'x': expected float32[batch, 4], got 6 elements, not a multiple of 4.", error.Message);
    }

    [Fact]
    public async Task Many_threads_get_what_one_gets()
    {
        using var predictor = new TestPredictor(Batched);
        float[] Answer(int i) => predictor.Predict([.. Enumerable.Range(0, 4 * (1 + (i % 3))).Select(j => MathF.Sin(i + j))]).ToArray();
        float[][] serial = [.. Enumerable.Range(0, 32).Select(Answer)];

        var tasks = Enumerable.Range(0, 32).Select(i => Task.Factory.StartNew(
            () => Enumerable.Range(0, 200).All(_ => Answer(i).SequenceEqual(serial[i])), TaskCreationOptions.LongRunning));

        Assert.All(await Task.WhenAll(tasks), Assert.True);
    }

    [Fact]
    public async Task Cancelling_stops_a_call_and_the_predictor_stays_usable()
    {
        var description = TestPredictor.Describe(
            TestModels.Loop(),
            [new TensorSpec("trips", TensorElementType.Int64, []), new TensorSpec("x", TensorElementType.Float32, [1])],
            [new TensorSpec("y", TensorElementType.Float32, [1])]);
        using var predictor = new TestPredictor(description);
        using var source = new CancellationTokenSource();
        float Count(long trips, CancellationToken cancellationToken)
        {
            using var call = predictor.Start();
            call.SetInput<long>(0, [trips]);
            call.SetInput<float>(1, [0f]);
            call.Run(cancellationToken);
            return call.GetOutputSpan<float>(0)[0];
        }

        var endless = Task.Run(() => Count(long.MaxValue, source.Token));
        await Task.Delay(50);
        await source.CancelAsync();

        await Assert.ThrowsAsync<OperationCanceledException>(() => endless);
        Assert.Equal(7, Count(7, CancellationToken.None));
    }

    [Fact]
    public async Task Disposing_while_calls_are_under_way_lets_them_end()
    {
        for (int round = 0; round < 20; round++)
        {
            var predictor = new TestPredictor(Fixed);
            var calls = Enumerable.Range(0, 4).Select(_ => Task.Run(() => PredictUntilRefused(predictor))).ToArray();
            await Task.Delay(round % 3);
            predictor.Dispose();
            await Task.WhenAll(calls);
        }
    }

    [Fact]
    public void Disposed_it_refuses()
    {
        var predictor = new TestPredictor(Fixed);
        predictor.Dispose();
        predictor.Dispose();

        Assert.Throws<ObjectDisposedException>(() => predictor.Predict(new float[4]));
    }

    [Fact]
    public void The_build_may_know_sizes_that_the_model_leaves_open()
    {
        using var predictor = new TestPredictor(Batched with { Inputs = Fixed.Inputs, Outputs = Fixed.Outputs });

        Assert.Equal([-1.5f, -0.5f, 0.5f], predictor.Predict([1, 0, 0, 0]).Span);
        Assert.Throws<TensorMismatchException>(() => predictor.Predict(new float[8]));
    }

    [Fact]
    public void Its_text_tells_what_goes_in_and_out()
    {
        using var predictor = new TestPredictor(Batched);

        Assert.Equal($"TestPredictor: {Batched.Model.Path}, (x float32[batch, 4]) to (y float32[batch, 3])", predictor.ToString());
    }

    [Fact]
    public void Options_reach_the_session()
    {
        SessionOptions? seen = null;
        using var predictor = new TestPredictor(Fixed with { IntraOpThreads = 3 }, new PredictorOptions { AllowSpinning = true, ConfigureSession = session => seen = session });
        using var other = new TestPredictor(Fixed with { IntraOpThreads = 3 }, new PredictorOptions { IntraOpThreads = 2, ConfigureSession = session => seen = seen! with { IntraOpThreads = session.IntraOpThreads } });

        Assert.Equal((2, true), (seen!.IntraOpThreads, seen.AllowSpinning));
        Assert.Equal("x", predictor.Session.Inputs[0].Name);
    }

    private static void PredictUntilRefused(TestPredictor predictor)
    {
        while (true)
        {
            try
            {
                Assert.Equal([-1.5f, -0.5f, 0.5f], predictor.Predict([1, 0, 0, 0]).Span);
            }
            catch (ObjectDisposedException)
            {
                return;
            }
        }
    }
}
