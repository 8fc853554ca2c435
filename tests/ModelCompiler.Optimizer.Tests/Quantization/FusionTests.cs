using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Tests.Support;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Quantization;

/// <summary>Hand-built graphs, and the operators that ONNX Runtime reports after quantization.</summary>
public class FusionTests
{
    private readonly GraphBuilder _g = new(opset: 13);

    [Fact]
    public void A_chain_of_convolutions_is_integer_from_end_to_end()
    {
        Value x = _g.Input("x", 1, 8, 12, 12);
        Value y = _g.Op("Relu", Conv(_g.Op("Relu", Conv(x, 8, 16, 1)), 16, 16, 2));
        StaticInt8 result = Quantize(Conv(y, 16, 8, 3));
        Assert.Equal((3, 0), (result.Count("QLinearConv"), result.Fused.FloatProductCount));
        Assert.Equal((1, 1), (result.Count("QuantizeLinear"), result.Count("DequantizeLinear")));
        Assert.Equal(0, result.Count("Relu"));
    }

    [Fact]
    public void A_residual_block_is_integer_from_end_to_end()
    {
        Value x = _g.Input("x", 1, 8, 12, 12);
        Value stem = _g.Op("Relu", Conv(x, 8, 16, 1));
        Value block = Conv(_g.Op("Relu", Conv(stem, 16, 16, 2)), 16, 16, 3);
        Value sum = _g.Op("Relu", _g.Op("Add", block, stem));
        StaticInt8 result = Quantize(Conv(sum, 16, 8, 4));
        Assert.Equal((4, 1, 0), (result.Count("QLinearConv"), result.Count("QLinearAdd"), result.Fused.FloatProductCount));
        Assert.Equal(2, result.Fused.ConversionCount);
    }

    [Fact]
    public void A_residual_of_floats_that_a_convolution_reads_too_is_integer()
    {
        // It is quantized for the convolution anyway.
        Value stem = _g.Op("Tanh", _g.Input("x", 1, 16, 12, 12));
        Value block = Conv(_g.Op("Relu", Conv(stem, 16, 16, 2)), 16, 16, 3);
        Value sum = _g.Op("Relu", _g.Op("Add", block, stem));
        StaticInt8 result = Quantize(Conv(sum, 16, 8, 4));
        Assert.Equal((3, 1, 2), (result.Count("QLinearConv"), result.Count("QLinearAdd"), result.Fused.ConversionCount));
    }

    [Fact]
    public void A_residual_of_floats_before_what_reads_floats_stays_in_floating_point()
    {
        Value stem = _g.Op("Tanh", _g.Input("x", 1, 16, 12, 12));
        StaticInt8 result = Quantize(_g.Op("Tanh", _g.Op("Add", Conv(stem, 16, 16, 2), stem)));
        Assert.Equal((1, 0), (result.Count("QLinearConv"), result.Count("QLinearAdd")));
    }

    [Fact]
    public void Depthwise_blocks_with_Clip_are_integer_from_end_to_end()
    {
        Value x = _g.Input("x", 1, 16, 12, 12);
        Value y = Clip6(Conv(x, 16, 16, 1, group: 16));
        y = Clip6(Conv(y, 16, 32, 2, kernel: 1));
        y = Clip6(Conv(y, 32, 32, 3, group: 32));
        StaticInt8 result = Quantize(Conv(y, 32, 16, 4, kernel: 1));
        Assert.Equal((4, 0, 0), (result.Count("QLinearConv"), result.Fused.FloatProductCount, result.Count("Clip")));
        Assert.Equal(2, result.Fused.ConversionCount);
    }

    [Fact]
    public void Pooling_flattening_and_a_classifier_stay_on_integers_and_hand_out_floats()
    {
        Value x = _g.Input("x", 1, 8, 12, 12);
        Value y = _g.Op("MaxPool", [_g.Op("Relu", Conv(x, 8, 16, 1))], new NodeAttribute("kernel_shape", [2L, 2]), new NodeAttribute("strides", [2L, 2]));
        y = _g.Op("Flatten", _g.Op("GlobalAveragePool", Conv(y, 16, 16, 2)));
        StaticInt8 result = Quantize(_g.Op("Gemm", y, _g.Weights(5, 16, 10), _g.Weights(6, 10)));
        Assert.Equal((2, 1, 1), (result.Count("QLinearConv"), result.Count("QGemm"), result.Count("QLinearGlobalAveragePool")));
        Assert.Equal((1, 0, 0), (result.Count("QuantizeLinear"), result.Count("DequantizeLinear"), result.Fused.FloatProductCount));
    }

    [Fact]
    public void Branches_meet_in_an_integer_Concat()
    {
        Value x = _g.Input("x", 1, 8, 12, 12);
        Value stem = _g.Op("Relu", Conv(x, 8, 16, 1));
        Value both = _g.Op("Concat", [_g.Op("Relu", Conv(stem, 16, 8, 2)), _g.Op("Relu", Conv(stem, 16, 8, 3, kernel: 1))], new NodeAttribute("axis", 1L));
        StaticInt8 result = Quantize(Conv(both, 16, 8, 4));
        Assert.Equal((4, 1, 2), (result.Count("QLinearConv"), result.Count("QLinearConcat"), result.Fused.ConversionCount));
    }

    [Fact]
    public void A_hard_swish_adds_by_its_zero_point_and_clamps_integers()
    {
        Value x = _g.Input("x", 1, 8, 12, 12);
        Value y = Conv(x, 8, 16, 1);
        y = _g.Op("Mul", y, Clip6(_g.Op("Add", y, _g.Scalar(3f))));
        StaticInt8 result = Quantize(Conv(_g.Op("Mul", y, _g.Scalar(1 / 6f)), 16, 8, 2));
        Assert.Equal((2, 1, 0, 1), (result.Count("QLinearConv"), result.Count("QLinearMul"), result.Count("QLinearAdd"), result.Count("Clip")));
        Assert.Equal(2, result.Fused.ConversionCount);
        Assert.InRange(result.WorstCosine, 0.9995, 1);
    }

    [Fact]
    public void A_Relu_whose_input_is_also_wanted_clamps_integers()
    {
        Value x = _g.Input("x", 1, 8, 12, 12);
        Value stem = Conv(x, 8, 16, 1);
        Value sum = _g.Op("Add", Conv(_g.Op("Relu", stem), 16, 16, 2), stem);
        StaticInt8 result = Quantize(Conv(sum, 16, 8, 3));
        Assert.Equal((3, 1, 1, 0), (result.Count("QLinearConv"), result.Count("QLinearAdd"), result.Count("Clip"), result.Fused.FloatProductCount));
    }

    [Fact]
    public void A_float_operator_between_convolutions_costs_one_conversion_each_way()
    {
        Value x = _g.Input("x", 1, 8, 12, 12);
        StaticInt8 result = Quantize(Conv(_g.Op("Tanh", Conv(x, 8, 16, 1)), 16, 8, 2));
        Assert.Equal((2, 1, 4), (result.Count("QLinearConv"), result.Count("Tanh"), result.Fused.ConversionCount));
    }

    [Fact]
    public void Products_before_float_operators_hand_on_floats()
    {
        Value x = _g.Input("x", 4, 32);
        Value hidden = _g.Op("Tanh", _g.Op("MatMul", x, _g.Weights(1, 32, 48)));
        StaticInt8 result = Quantize(_g.Op("Softmax", _g.Op("Gemm", hidden, _g.Weights(2, 48, 8), _g.Weights(3, 8))));
        Assert.Equal((1, 1), (result.Count("MatMulIntegerToFloat"), result.Count("QGemm")));
        Assert.Equal((2, 0), (result.Count("QuantizeLinear"), result.Count("DequantizeLinear")));
    }

    [Theory]
    [InlineData(1f, 1f, 0)]
    [InlineData(0.5f, 2f, 0)]
    [InlineData(0.25f, 1f, 1)]
    public void Alpha_beta_and_transposed_weights_of_Gemm_are_kept(float alpha, float beta, long transB)
    {
        Value x = _g.Input("x", 4, 32);
        Value weights = transB == 0 ? _g.Weights(1, 32, 24) : _g.Weights(1, 24, 32);
        StaticInt8 result = Quantize(_g.Op("Gemm", [x, weights, _g.Weights(2, 24)],
            new NodeAttribute("alpha", alpha), new NodeAttribute("beta", beta), new NodeAttribute("transB", transB)));
        Assert.Equal((1, 0), (result.Count("QGemm"), result.Fused.FloatProductCount));
    }

    [Fact]
    public void A_constant_operand_is_quantized_with_its_own_scale()
    {
        Value x = _g.Input("x", 1, 8, 12, 12);
        Value scaled = _g.Op("Mul", Conv(x, 8, 16, 1), _g.Weights(9, 1, 16, 1, 1));
        StaticInt8 result = Quantize(Conv(scaled, 16, 8, 2));
        Assert.Equal((2, 1, 2), (result.Count("QLinearConv"), result.Count("QLinearMul"), result.Fused.ConversionCount));
    }

    [Fact]
    public void Data_movement_between_convolutions_moves_integers()
    {
        Value x = _g.Input("x", 1, 8, 12, 12);
        Value y = _g.Op("DepthToSpace", [Conv(x, 8, 16, 1)], new NodeAttribute("blocksize", 2L));
        y = _g.Op("Transpose", [y], new NodeAttribute("perm", [0L, 1, 3, 2]));
        StaticInt8 result = Quantize(Conv(y, 4, 8, 2));
        Assert.Equal((2, 2), (result.Count("QLinearConv"), result.Fused.ConversionCount));
    }

    [Fact]
    public void An_integer_value_that_is_also_an_output_keeps_its_name()
    {
        Value x = _g.Input("x", 1, 8, 12, 12);
        Value features = _g.Op("Relu", Conv(x, 8, 16, 1));
        _g.Output("features", features);
        StaticInt8 result = Quantize(Conv(features, 16, 8, 2));
        Assert.Equal(["features", "y"], OnnxReader.Read(result.Bytes).Graph.Outputs.Select(o => o.Name));
        Assert.Equal(2, result.Count("QLinearConv"));
    }

    [Fact]
    public void Weights_that_are_no_numbers_are_refused_with_the_reason()
    {
        Value x = _g.Input("x", 4, 2);
        _g.Output("y", _g.Op("MatMul", x, _g.Constant([1f, float.NaN, 2f, 3f], 2, 2)));
        StaticInt8 result = StaticInt8.Of(_g.Model);
        Assert.Contains(result.Context.Events, e => e.Text.Contains("NaN", StringComparison.Ordinal));
        Assert.Equal(1, result.Fused.FloatProductCount);
    }

    private Value Conv(Value x, long inputs, long outputs, int seed, long group = 1, long kernel = 3) => _g.Op("Conv",
        [x, _g.Weights(seed, outputs, inputs / group, kernel, kernel), _g.Weights(100 + seed, outputs)],
        new NodeAttribute("group", group), new NodeAttribute("kernel_shape", [kernel, kernel]), new NodeAttribute("pads", [kernel / 2, kernel / 2, kernel / 2, kernel / 2]));

    private Value Clip6(Value x) => _g.Op("Clip", x, _g.Scalar(0f), _g.Scalar(6f));

    private StaticInt8 Quantize(Value output)
    {
        _g.Output("y", output);
        StaticInt8 result = StaticInt8.Of(_g.Model);
        Assert.True(result.WorstCosine > 0.995, $"cosine {result.WorstCosine}");
        return result;
    }

    [Theory]
    [InlineData("Mul")]
    [InlineData("Div")]
    public void A_constant_factor_is_taken_by_the_scale(string op)
    {
        var b = new GraphBuilder();
        Value x = b.Op("Conv", b.Input("x", 1, 8, 6, 6), b.Weights(1, 8, 8, 1, 1));
        // Two readers, so that no weights take it before.
        Value scaled = b.Op(op, x, b.Scalar(2.5f));
        b.Output("y", b.Op("Conv", b.Op("Add", b.Op("Conv", scaled, b.Weights(2, 8, 8, 1, 1)), scaled), b.Weights(3, 8, 8, 1, 1)));
        b.Model.InferTypes();
        StaticInt8 result = StaticInt8.Of(b.Model);
        Assert.Equal((3, 1, 0), (result.Count("QLinearConv"), result.Count("QLinearAdd"), result.Count("QLinearMul") + result.Count(op)));
        Assert.InRange(result.WorstCosine, 0.999, 1);
    }

    [Theory]
    [InlineData(-1f)]
    [InlineData(0f)]
    public void A_factor_that_is_not_positive_is_computed(float factor)
    {
        var b = new GraphBuilder();
        Value scaled = b.Op("Mul", b.Op("Conv", b.Input("x", 1, 8, 6, 6), b.Weights(1, 8, 8, 1, 1)), b.Scalar(factor));
        b.Output("y", b.Op("Add", b.Op("Conv", scaled, b.Weights(2, 8, 8, 1, 1)), b.Op("Conv", b.Input("z", 1, 8, 6, 6), b.Weights(3, 8, 8, 1, 1))));
        b.Model.InferTypes();
        StaticInt8 result = StaticInt8.Of(b.Model);
        Assert.Equal(1, result.Count("QLinearMul"));
        Assert.InRange(result.WorstCosine, 0.999, 1);
    }
}
