using ModelCompiler.Runtime.Tests.Models;
using Xunit;

namespace ModelCompiler.Runtime.Tests.Predictors;

/// <summary>What a call checks where a model has more than one input, open shapes, or strings.</summary>
public sealed class PredictorCallTests : IDisposable
{
    private readonly TestPredictor _predictor = new(TestPredictor.Describe(
        new OnnxModel()
            .Input("ids", TensorElementType.Int64, "batch", "length")
            .Input("mask", TensorElementType.Int64, "batch", "length")
            .Input("name", TensorElementType.String, 2)
            .Output("sum", TensorElementType.Int64, "batch", "length")
            .Output("copy", TensorElementType.String, 2)
            .Node("Add", ["ids", "mask"], ["sum"])
            .Node("Identity", ["name"], ["copy"])
            .Build(),
        [
            new TensorSpec("ids", TensorElementType.Int64, ["batch", "length"]),
            new TensorSpec("mask", TensorElementType.Int64, ["batch", "length"]),
            new TensorSpec("name", TensorElementType.String, [2]),
        ],
        [
            new TensorSpec("sum", TensorElementType.Int64, ["batch", "length"]),
            new TensorSpec("copy", TensorElementType.String, [2]),
        ]));

    public void Dispose() => _predictor.Dispose();

    [Fact]
    public void Shapes_are_given_once_and_known_from_then_on()
    {
        using var call = _predictor.Start();
        call.SetInput<long>(0, [1, 2, 3, 4, 5, 6], [2, 3]);
        call.SetInput<long>(1, [1, 1, 1, 1, 1, 1]);
        call.SetInput(2, ["a", "b"]);
        call.Run();

        var sum = call.GetOutput<long>(0);
        Assert.Equal([2, 3], sum.Shape);
        Assert.Equal(7, sum[1, 2]);
        Assert.Equal(["a", "b"], call.GetStringOutput(1).Span);
    }

    [Fact]
    public void Equal_symbols_must_have_equal_sizes()
    {
        var error = Mismatch((ref call) =>
        {
            call.SetInput<long>(0, new long[6], [2, 3]);
            call.SetInput<long>(1, new long[8], [2, 4]);
        });

        Assert.Equal("Input 'mask': expected int64[batch, length], got the shape [2, 4] where another input made length 3.", error.Message);
    }

    [Fact]
    public void A_size_that_a_shape_has_twice_follows_from_the_elements_and_is_one()
    {
        using var square = new TestPredictor(TestPredictor.Describe(
            TestModels.Identity(TensorElementType.Float32, "N", "N", 2),
            [new TensorSpec("x", TensorElementType.Float32, ["N", "N", 2])],
            [new TensorSpec("y", TensorElementType.Float32, ["N", "N", 2])]));

        Assert.Equal([3, 3, 2], square.Predict(new float[18]).Shape);
        Assert.Equal([0, 0, 2], square.Predict([]).Shape);
        Assert.Equal(
            "Input 'x': expected float32[N, N, 2], got 12 elements, from which no size follows that 2 dimensions have.",
            Assert.Throws<TensorMismatchException>(() => square.Predict(new float[12])).Message);
        using var call = square.Start();
        try
        {
            call.SetInput<float>(0, new float[12], [2, 3, 2]);
            Assert.Fail("The shape was taken.");
        }
        catch (TensorMismatchException e)
        {
            Assert.Equal("Input 'x': expected float32[N, N, 2], got the shape [2, 3, 2] where N is one size.", e.Message);
        }
    }

    [Fact]
    public void Sizes_of_one_call_do_not_bind_the_next()
    {
        foreach (int length in new[] { 3, 5 })
        {
            using var call = _predictor.Start();
            call.SetInput<long>(0, new long[length], [1, length]);
            call.SetInput<long>(1, new long[length], [1, length]);
            call.SetInput(2, ["a", "b"]);
            call.Run();
            Assert.Equal([1, length], call.GetOutputShape(0));
        }
    }

    [Fact]
    public void An_input_that_was_set_in_the_last_call_only_is_missing()
    {
        using (var call = _predictor.Start())
        {
            call.SetInput<long>(0, [1], [1, 1]);
            call.SetInput<long>(1, [1], [1, 1]);
            call.SetInput(2, ["a", "b"]);
            call.Run();
        }

        var error = Mismatch((ref call) =>
        {
            call.SetInput<long>(0, [1], [1, 1]);
            call.SetInput(2, ["a", "b"]);
            call.Run();
        });

        Assert.Equal("Input 'mask': expected int64[batch, length], got nothing.", error.Message);
    }

    [Fact]
    public void What_does_not_fit_is_named()
    {
        Assert.Equal("2 elements without a shape", Mismatch((ref call) => call.SetInput<long>(0, [1, 2])).Actual);
        Assert.Equal("the shape [2]", Mismatch((ref call) => call.SetInput<long>(0, [1, 2], [2])).Actual);
        Assert.Equal("the shape [-1, -2]", Mismatch((ref call) => call.SetInput<long>(0, [1, 2], [-1, -2])).Actual);
        Assert.Equal("2 elements for the shape [3, 1]", Mismatch((ref call) => call.SetInput<long>(0, [1, 2], [3, 1])).Actual);
        Assert.Equal(
            "2 elements for the shape [9223372036854775807, 9223372036854775807]",
            Mismatch((ref call) => call.SetInput<long>(0, [1, 2], [long.MaxValue, long.MaxValue])).Actual);
        Assert.Equal("3 elements, not 2", Mismatch((ref call) => call.SetInput(2, ["a", "b", "c"])).Actual);
        Assert.Equal("Single", Mismatch((ref call) => call.SetInput<float>(0, [1, 2], [1, 2])).Actual);
    }

    private TensorMismatchException Mismatch(CallAction action) => Assert.Throws<TensorMismatchException>(() =>
    {
        var call = _predictor.Start();
        try
        {
            action(ref call);
        }
        finally
        {
            call.Dispose();
        }
    });

    private delegate void CallAction(ref PredictorCall call);
}
