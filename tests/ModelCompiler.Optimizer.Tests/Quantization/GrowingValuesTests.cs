using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Quantization;
using ModelCompiler.Optimizer.Tests.Support;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Quantization;

public class GrowingValuesTests
{
    private readonly GraphBuilder _g = new();

    [Fact]
    public void They_go_through_sums_products_and_activations()
    {
        Value x = Input();
        Value hidden = _g.Op("Relu", _g.Op("Gemm", x, _g.Weights(1, 8, 8), _g.Weights(2, 8)));
        Value scaled = _g.Op("Div", hidden, _g.Scalar(2f)), gated = _g.Op("Mul", scaled, _g.Op("Sigmoid", scaled));
        Value pooled = _g.Op("ReduceMean", _g.Op("Concat", [x, gated], new NodeAttribute("axis", 1L)));
        Assert.Superset(new HashSet<Value> { x, hidden, scaled, gated, pooled }, Growing());
    }

    [Fact]
    public void They_end_at_limits()
    {
        Value x = Input();
        Value[] limited = [_g.Op("Sigmoid", x), _g.Op("Softmax", x), _g.Op("Log", x), _g.Op("Clip", x, _g.Scalar(0f), _g.Scalar(6f)), _g.Op("LayerNormalization", x, _g.Weights(1, 8))];
        Value behind = _g.Op("MatMul", limited[0], _g.Weights(2, 8, 8));
        Assert.Empty(Growing().Intersect([.. limited, behind]));
    }

    [Fact]
    public void They_end_at_a_normalization_that_is_written_out()
    {
        Value x = Input();
        Value centred = _g.Op("Sub", x, _g.Op("ReduceMean", x));
        Value normalized = _g.Op("Div", centred, _g.Op("Sqrt", _g.Op("ReduceMean", _g.Op("Mul", centred, centred))));
        HashSet<Value> growing = Growing();
        Assert.Contains(centred, growing);
        Assert.DoesNotContain(normalized, growing);
    }

    private Value Input() => _g.Input("x", 2, 8);

    private HashSet<Value> Growing() => GrowingValues.With(_g.Graph, new HashSet<string> { "x" });
}
