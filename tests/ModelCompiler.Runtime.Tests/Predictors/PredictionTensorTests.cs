using Xunit;

namespace ModelCompiler.Runtime.Tests.Predictors;

public class PredictionTensorTests
{
    [Fact]
    public void Indices_go_by_dimension()
    {
        var tensor = new PredictionTensor<int>([.. Enumerable.Range(0, 24)], [2, 3, 4]);

        Assert.Equal(0, tensor[0, 0, 0]);
        Assert.Equal((1 * 12) + (2 * 4) + 3, tensor[1, 2, 3]);
        Assert.Equal("int32[2, 3, 4] { 0, 1, 2, 3, 4, 5, 6, 7, … }", tensor.ToString());
        Assert.Equal(5, new PredictionTensor<int>([5], [])[[]]);
    }

    [Fact]
    public void Wrong_indices_are_refused()
    {
        var tensor = new PredictionTensor<int>([1, 2, 3, 4], [2, 2]);

        Assert.Throws<ArgumentOutOfRangeException>(() => tensor[0, 2]);
        Assert.Throws<ArgumentOutOfRangeException>(() => tensor[-1, 0]);
        Assert.Contains("int32[2, 2] takes 2 indices, got 1.", Assert.Throws<ArgumentException>(() => tensor[0]).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ArgMax_is_the_first_largest_and_never_NaN()
    {
        Assert.Equal(1, new PredictionTensor<float>([1, 3, 3], [3]).ArgMax());
        Assert.Equal(2, new PredictionTensor<float>([float.NaN, -5, -1], [3]).ArgMax());
        Assert.Equal(1, new PredictionTensor<BFloat16>([(BFloat16)1f, (BFloat16)2f], [2]).ArgMax());
        Assert.Equal(0, new PredictionTensor<Half>([Half.PositiveInfinity, Half.NaN], [2]).ArgMax());
        Assert.Throws<InvalidOperationException>(() => new PredictionTensor<float>([], [0]).ArgMax());
    }

    [Fact]
    public void The_shape_must_have_as_many_elements() =>
        Assert.Throws<ArgumentException>(() => new PredictionTensor<float>(new float[3], [2, 2]));

    [Fact]
    public void Copies_are_copies()
    {
        var tensor = new PredictionTensor<int>([1, 2], [2]);
        tensor.ToArray()[0] = 9;

        Assert.Equal([1, 2], tensor.Span);
    }
}
