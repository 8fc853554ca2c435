using ModelCompiler.Runtime.Tests.Models;
using Xunit;

namespace ModelCompiler.Runtime.Tests.Predictors;

/// <summary>A stream belongs to one call at a time, and outlives the one that it is disposed in.</summary>
public sealed class PredictorStreamTests : IDisposable
{
    private readonly TestPredictor _predictor = new(TestPredictor.Describe(
        new OnnxModel()
            .Input("x", TensorElementType.Float32, 1)
            .Input("total", TensorElementType.Float32, 1)
            .Output("sum", TensorElementType.Float32, 1)
            .Output("next", TensorElementType.Float32, 1)
            .Node("Add", ["x", "total"], ["sum"])
            .Node("Add", ["x", "total"], ["next"])
            .Build(),
        [new TensorSpec("x", TensorElementType.Float32, [1]), new TensorSpec("total", TensorElementType.Float32, [1])],
        [new TensorSpec("sum", TensorElementType.Float32, [1]), new TensorSpec("next", TensorElementType.Float32, [1])]) with
    { States = [new PredictorState(1, 1)] });

    public void Dispose() => _predictor.Dispose();

    [Fact]
    public void A_call_that_overlaps_another_is_refused_and_spoils_nothing()
    {
        using var stream = new Stream(_predictor);
        Assert.Equal(1, stream.Add(1));
        using (var call = stream.Start())
        {
            var refused = Assert.Throws<OverlappingRunException>(() => stream.Add(100));
            Assert.Equal("OM5031", refused.Code);
            Assert.StartsWith("Stream is in the middle of a run", refused.Message, StringComparison.Ordinal);
            Assert.Throws<OverlappingRunException>(stream.Reset);
            call.SetInput<float>(0, [2f]);
            call.Run();
            Assert.Equal(3, call.GetOutputSpan<float>(0)[0]);
        }

        Assert.Equal(6, stream.Add(3));
    }

    [Fact]
    public void Disposed_within_a_call_the_call_ends_and_the_next_is_refused()
    {
        var stream = new Stream(_predictor);
        using (var call = stream.Start())
        {
            stream.Dispose();
            call.SetInput<float>(0, [2f]);
            call.Run();
            Assert.Equal(2, call.GetOutputSpan<float>(0)[0]);
        }

        Assert.Throws<ObjectDisposedException>(() => stream.Add(1));
    }

    [Fact]
    public void A_predictor_that_is_disposed_refuses_its_streams_which_can_be_disposed_later()
    {
        using var stream = new Stream(_predictor);
        _predictor.Dispose();

        Assert.Throws<ObjectDisposedException>(() => stream.Add(1));
        Assert.Throws<ObjectDisposedException>(() => stream.Add(1));
    }

    private sealed class Stream(Predictor predictor) : PredictorStream(predictor, [1])
    {
        public PredictorCall Start() => StartCall();

        public float Add(float x)
        {
            using var call = StartCall();
            call.SetInput<float>(0, [x]);
            call.Run();
            return call.GetOutputSpan<float>(0)[0];
        }
    }
}
