using ModelCompiler.Runtime.Tests.Models;
using Xunit;

namespace ModelCompiler.Runtime.Tests.Predictors;

/// <summary>Requests of two predictors, one after the other.</summary>
public class PredictorFeedTests
{
    [Fact]
    public void The_second_request_reads_what_the_first_wrote()
    {
        using var first = new TestPredictor(Describe());
        using var second = new TestPredictor(Narrow());
        using var from = new Request(first);
        using var to = new Request(second);
        from.Feed("y", to, "y");

        for (int i = 1; i < 4; i++)
        {
            from.X.Fill(i);
            from.Run(TestContext.Current.CancellationToken);
            to.Run(TestContext.Current.CancellationToken);
            Assert.Equal(from.Y.ToArray().Select(y => -y), to.Y.ToArray());
        }

        Assert.Throws<TensorMismatchException>(() => from.Feed("x", to, "y"));
        Assert.Throws<ArgumentException>(() => from.Feed("y", from, "x"));
    }

    private static PredictorDescription Describe() => TestPredictor.Describe(
        TestModels.MatMul(1), [new TensorSpec("x", TensorElementType.Float32, [1, 4])], [new TensorSpec("y", TensorElementType.Float32, [1, 3])]);

    private static PredictorDescription Narrow() => TestPredictor.Describe(
        new OnnxModel().Input("y", TensorElementType.Float32, 1, 3).Output("z", TensorElementType.Float32, 1, 3).Node("Neg", ["y"], ["z"]).Build(),
        [new TensorSpec("y", TensorElementType.Float32, [1, 3])],
        [new TensorSpec("z", TensorElementType.Float32, [1, 3])]);

    private sealed class Request(Predictor predictor) : PredictorRequest(predictor)
    {
        public Span<float> X => InputAt<float>(0);

        public ReadOnlySpan<float> Y => OutputAt<float>(0);
    }
}
