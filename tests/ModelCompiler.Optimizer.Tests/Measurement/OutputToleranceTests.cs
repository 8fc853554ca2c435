using ModelCompiler.Optimizer.Measurement;
using ModelCompiler.Runtime;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Measurement;

public sealed class OutputToleranceTests
{
    [Theory]
    [InlineData(1f, 1.000009f, true)]
    [InlineData(1f, 1.00002f, false)]
    [InlineData(0f, 9e-7f, true)]
    [InlineData(0f, 2e-6f, false)]
    [InlineData(float.NaN, float.NaN, true)]
    [InlineData(float.NaN, 0f, false)]
    [InlineData(0f, float.NaN, false)]
    [InlineData(float.PositiveInfinity, float.PositiveInfinity, true)]
    [InlineData(float.PositiveInfinity, float.NegativeInfinity, false)]
    [InlineData(1f, float.PositiveInfinity, false)]
    public void Compares_numbers(float a, float b, bool agree)
    {
        Assert.Equal(agree, OutputTolerance.Float32.Agree(TensorBuffer.Create([1], new[] { a }), TensorBuffer.Create([1], new[] { b })));
    }

    [Fact]
    public void Sees_a_difference_far_behind()
    {
        float[] a = new float[5000], b = new float[5000];
        b[4999] = 1;
        Assert.False(OutputTolerance.Float32.Agree(TensorBuffer.Create([5000], a), TensorBuffer.Create([5000], b)));
    }

    [Fact]
    public void Tells_shapes_types_and_strings_apart()
    {
        TensorBuffer row = TensorBuffer.Create([1, 2], new float[2]), column = TensorBuffer.Create([2, 1], new float[2]);
        Assert.False(OutputTolerance.Float32.Agree(row, column));
        Assert.False(OutputTolerance.Float32.Agree(row, TensorBuffer.Create([1, 2], new int[2])));
        Assert.True(OutputTolerance.Float32.Agree(TensorBuffer.Create([1], ["a"]), TensorBuffer.Create([1], ["a"])));
        Assert.False(OutputTolerance.Float32.Agree(TensorBuffer.Create([1], ["a"]), TensorBuffer.Create([1], ["b"])));
    }

    [Fact]
    public void Says_what_differs()
    {
        TensorBuffer a = TensorBuffer.Create([2], new[] { 1f, 0.25f }), b = TensorBuffer.Create([2], new[] { 1f, 0.5f });
        Assert.Equal("output 'y', element 1: 0.5 instead of 0.25", OutputTolerance.Float32.Difference([("y", a)], [("y", b)]));
        Assert.Equal("output 'y', element 1: 'c' instead of 'b'", OutputTolerance.Float32.Difference([("y", TensorBuffer.Create([2], ["a", "b"]))], [("y", TensorBuffer.Create([2], ["a", "c"]))]));
        Assert.Equal("output 'y', shape: [1, 2] instead of [2]", OutputTolerance.Float32.Difference([("y", a)], [("y", TensorBuffer.Create([1, 2], new float[2]))]));
        Assert.Equal("output 'z' is not there", OutputTolerance.Float32.Difference([("z", a)], [("y", a)]));
    }

    [Fact]
    public void Wants_every_output_by_name()
    {
        TensorBuffer zero = TensorBuffer.Create([1], new float[1]), one = TensorBuffer.Create([1], new[] { 1f });
        Assert.True(OutputTolerance.Float32.Agree([("a", zero), ("b", one)], [("b", one), ("a", zero)]));
        Assert.False(OutputTolerance.Float32.Agree([("a", zero), ("b", one)], [("a", zero)]));
        Assert.False(OutputTolerance.Float32.Agree([("a", zero)], [("c", zero)]));
    }
}
