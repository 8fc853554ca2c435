using Xunit;

namespace ModelCompiler.Runtime.Tests.Predictors;

public class TensorViewTests
{
    private static readonly PredictionTensor<float> Scores = new([1, 3, 3, 2, 9, -1, 0, 9], [2, 4]) { Labels = ["a", "b", "c", "d"] };

    [Fact]
    public void The_best_come_first_and_of_equals_the_first()
    {
        Assert.Equal([new(1, 3, "b"), new(2, 3, "c"), new(3, 2, "d")], Scores.Top(3));
        Assert.Equal([new(0, 9, "a"), new(3, 9, "d"), new(2, 0, "c"), new(1, -1, "b")], Scores.Top(99, row: 1));
        Assert.Empty(Scores.Top(0));
        Assert.Equal([2, 1, 0], new PredictionTensor<double>([double.NaN, 0, 5], [3]).Top(3).Select(score => score.Index));
    }

    [Fact]
    public void Rows_are_those_of_the_last_dimension()
    {
        Assert.Equal([9, -1, 0, 9], Scores.Row(1));
        Assert.Equal((1, 0), (Scores.ArgMax(0), Scores.ArgMax(1)));
        Assert.Equal(("b", "a"), (Scores.Label(), Scores.Label(1)));
        Assert.Equal([7f], new PredictionTensor<float>([7], []).Row(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Scores.Row(2).Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => Scores.Top(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new PredictionTensor<float>([], [2, 0]).Row(0).Length);
    }

    [Fact]
    public void Without_names_a_label_is_an_error_that_says_how()
    {
        var bare = new PredictionTensor<float>([1, 2], [2]);

        Assert.Null(bare.Top(1)[0].Label);
        Assert.Contains("Labels=", Assert.Throws<InvalidOperationException>(() => bare.Label()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Softmax_gives_probabilities_of_each_row_and_never_overflows()
    {
        var p = new PredictionTensor<float>([1000, 1000, -1000, 0, 1, 2], [2, 3]).Softmax();

        Assert.Equal([0.5f, 0.5f, 0], p.Row(0));
        double sum = Math.Exp(0) + Math.Exp(1) + Math.Exp(2);
        Assert.All(Enumerable.Range(0, 3), i => Assert.Equal(Math.Exp(i) / sum, p.Row(1)[i], 6));
        Assert.Equal((Half)1, new PredictionTensor<Half>([(Half)5], [1]).Softmax().Span[0]);
        Assert.Equal(["a", "b", "c", "d"], Scores.Softmax().Labels);
    }
}
