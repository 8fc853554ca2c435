using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Calibration;
using ModelCompiler.Optimizer.Quantization;
using ModelCompiler.Optimizer.Tests.Support;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Quantization;

public class RelevantRangeTests
{
    private readonly GraphBuilder _g = new(13);
    private readonly Value _x;

    public RelevantRangeTests() => _x = _g.Op("Neg", _g.Input("input", 4));

    [Fact]
    public void A_hard_swish_is_zero_below_minus_three()
    {
        _g.Output("y", _g.Op("Mul", _x, _g.Op("Div", Clip(_g.Op("Add", _x, _g.Scalar(3f)), 0, 6), _g.Scalar(6f))));
        Assert.Equal(new ValueRange(-3, float.PositiveInfinity), RelevantRange.Of(_x));
    }

    [Fact]
    public void A_hard_swish_may_scale_before_it_clamps()
    {
        _g.Output("y", _g.Op("Mul", Clip(_g.Op("Add", _g.Scalar(0.5f), _g.Op("Mul", _x, _g.Scalar(0.25f))), 0, 1), _x));
        Assert.Equal(new ValueRange(-2, float.PositiveInfinity), RelevantRange.Of(_x));
    }

    [Fact]
    public void A_gate_alone_sees_nothing_beyond_its_limits()
    {
        _g.Output("y", _g.Op("Mul", Clip(_g.Op("Add", _x, _g.Scalar(3f)), 0, 6), _g.Input("other", 4)));
        Assert.Equal(new ValueRange(-3, 3), RelevantRange.Of(_x));
    }

    [Fact]
    public void A_sigmoid_is_zero_or_one_beyond_ten()
    {
        _g.Output("y", _g.Op("Mul", _x, _g.Op("Sigmoid", _x)));
        Assert.Equal(new ValueRange(-10, float.PositiveInfinity), RelevantRange.Of(_x));
    }

    [Theory]
    [InlineData("another reader")]
    [InlineData("an output")]
    [InlineData("a gate that is read elsewhere before it is one")]
    [InlineData("a gate that does not close")]
    [InlineData("the gate of another tensor")]
    public void Everything_is_told_apart_by(string reader)
    {
        Value shifted = _g.Op("Add", _x, _g.Scalar(3f));
        Value gate = Clip(reader == "the gate of another tensor" ? _g.Op("Add", _g.Input("other", 4), _g.Scalar(3f)) : shifted, reader == "a gate that does not close" ? 1 : 0, 6);
        _g.Output("y", _g.Op("Mul", _x, gate));
        if (reader == "another reader") _g.Output("z", _g.Op("Tanh", _x));
        if (reader == "an output") _g.Graph.AddOutput(_x);
        if (reader == "a gate that is read elsewhere before it is one") _g.Output("z", _g.Op("Tanh", shifted));
        Assert.Equal(new ValueRange(float.NegativeInfinity, float.PositiveInfinity), RelevantRange.Of(_x));
    }

    [Fact]
    public void Elements_beyond_a_range_count_at_its_ends()
    {
        var histogram = new Histogram();
        histogram.Add([-9f, -1f, 0.5f, 2f, 7f]);
        Histogram clamped = histogram.Clamped(new ValueRange(-3, 3));
        Assert.Equal((-3f, 3f, 5L), (clamped.Min, clamped.Max, clamped.Count));
        Assert.Equal(5, clamped.Counts.ToArray().Sum());
        Assert.Equal(new ValueRange(-3, 3), RangeEstimator.Estimate(clamped, RangeMethod.MinMax));
        Assert.Same(histogram, histogram.Clamped(new ValueRange(-9, float.PositiveInfinity)));
    }

    [Fact]
    public void A_hard_swish_of_numbers_far_below_zero_loses_nothing_by_them()
    {
        var g = new GraphBuilder(13);
        Value x = g.Input("x", 1, 4, 8, 8);
        // The channels' biases put most of them where a hard-swish is zero.
        Value y = g.Op("Conv", x, g.Weights(1, 8, 4, 1, 1), g.Constant([-900f, 1f, 2f, 3f, -800f, 0f, 1f, 2f]));
        Value gate = g.Op("Clip", g.Op("Add", y, g.Scalar(3f)), g.Scalar(0f), g.Scalar(6f));
        g.Output("out", g.Op("Conv", g.Op("Mul", y, gate), g.Weights(2, 4, 8, 1, 1)));
        Assert.InRange(StaticInt8.Of(g.Model).WorstCosine, 0.999, 1);
    }

    private Value Clip(Value x, float min, float max) => _g.Op("Clip", x, _g.Scalar(min), _g.Scalar(max));
}
