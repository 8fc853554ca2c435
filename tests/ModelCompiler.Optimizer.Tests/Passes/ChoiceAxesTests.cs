using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes;
using ModelCompiler.Optimizer.Tests.Support;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Passes;

public class ChoiceAxesTests
{
    private readonly GraphBuilder _g = new();

    [Fact]
    public void Channels_of_convolutions_are_classes_as_far_as_they_stay_channels()
    {
        Value scores = Convolved();
        Value resized = _g.Op("Resize", [scores, null, _g.Constant([1f, 1, 2, 2])]);
        Value probabilities = _g.Op("Softmax", [_g.Op("Add", resized, _g.Scalar(1f))], new NodeAttribute("axis", 1L));
        _g.Output("probabilities", probabilities);
        _g.Output("sum", _g.Op("Add", _g.Scalar(1f), scores));
        _g.Output("last", _g.Op("Transpose", [scores], new NodeAttribute("perm", [0L, 2, 3, 1])));
        _g.Output("second to last", _g.Op("Transpose", [scores], new NodeAttribute("perm", [0L, 2, 1, 3])));
        _g.Output("flat", _g.Op("Flatten", scores));
        Assert.Equal([("last", 3), ("probabilities", 1), ("second to last", 2), ("sum", 1)], Axes());
    }

    [Fact]
    public void Distributions_have_them_where_they_add_up_to_1()
    {
        Value x = _g.Op("MatMul", _g.Input("x", 4, 5, 8), _g.Weights(1, 8, 6));
        _g.Output("first", _g.Op("Softmax", [x], new NodeAttribute("axis", 1L)));
        _g.Output("last", _g.Op("Softmax", x));
        _g.Output("product", x);
        _g.Output("input", _g.Graph.Inputs[0]);
        Assert.Equal([("first", 1)], Axes());
    }

    /// <summary>As PyTorch writes a normalization to length 1, and one of layers, before operators for it.</summary>
    [Fact]
    public void What_is_divided_by_its_norm_is_no_choice()
    {
        Value x = _g.Op("MatMul", _g.Input("x", 4, 8), _g.Weights(1, 8, 6));
        Value norm = _g.Op("Clip", [_g.Op("ReduceL2", [x], new NodeAttribute("axes", [1L])), _g.Scalar(1e-12f)]);
        _g.Output("embedding", _g.Op("Transpose", _g.Op("Div", x, _g.Op("Expand", norm, _g.Op("Shape", x)))));
        Value deviation = _g.Op("Sqrt", _g.Op("Add", _g.Op("ReduceMean", [_g.Op("Mul", x, x)], new NodeAttribute("axes", [1L])), _g.Scalar(1e-5f)));
        _g.Output("hidden", _g.Op("Add", _g.Op("Mul", _g.Op("Div", x, deviation), _g.Weights(2, 6)), _g.Weights(3, 6)));
        _g.Output("scaled", _g.Op("Div", x, _g.Scalar(2f)));
        Assert.Equal([("embedding", ChoiceAxes.None), ("hidden", ChoiceAxes.None)], Axes());
    }

    /// <summary>As two generations of detectors write them: along the last dimension, a part for each size of objects, and along the second.</summary>
    [Fact]
    public void Boxes_beside_scores_are_no_choice()
    {
        Value numbers = _g.Op("MatMul", _g.Input("x", 1, 5, 8), _g.Weights(1, 8, 7)), scores = _g.Op("Sigmoid", numbers);
        Value boxes = _g.Op("Mul", Part(scores, 0, 4), _g.Scalar(32f)), ofOneSize = Joined(2, boxes, Part(scores, 4, 7));
        _g.Output("sizes", Joined(1, _g.Op("Reshape", ofOneSize, _g.Constant([1L, 5, 7])), ofOneSize));
        _g.Output("second", _g.Op("Transpose", [Joined(2, boxes, _g.Op("Mul", Part(scores, 4, 5), Part(scores, 5, 7)))], new NodeAttribute("perm", [0L, 2, 1])));
        _g.Output("scores", Joined(2, Part(scores, 4, 5), _g.Op("Mul", Part(scores, 5, 7), Part(scores, 4, 5))));
        _g.Output("boxes", Joined(2, boxes, numbers, boxes));
        _g.Output("padded", Joined(2, scores, _g.Constant([0f], 1, 1, 1)));
        Assert.Equal([("second", ChoiceAxes.None), ("sizes", ChoiceAxes.None)], Axes());
    }

    private Value Joined(long axis, params Value[] parts) => _g.Op("Concat", parts, new NodeAttribute("axis", axis));

    private Value Part(Value value, long from, long to) => _g.Op("Slice", value, _g.Constant([from]), _g.Constant([to]), _g.Constant([2L]));

    private Value Convolved() => _g.Op("Conv", _g.Input("x", 1, 2, 4, 4), _g.Weights(1, 3, 2, 1, 1));

    private (string, int)[] Axes()
    {
        _g.Model.InferTypes();
        return [.. ChoiceAxes.Of(_g.Graph).Select(axis => (axis.Key, axis.Value)).OrderBy(axis => axis.Key, StringComparer.Ordinal)];
    }
}
