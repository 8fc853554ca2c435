using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes.Fusion;
using ModelCompiler.Optimizer.Tests.Support;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Passes.Fusion;

public sealed class FoldAffineIntoProducerTests
{
    private static readonly FoldAffineIntoProducer Pass = new();

    public static TheoryData<string, long[], long[], long> Convolutions => new()
    {
        { "Conv", [2, 4, 7, 7], [6, 4, 3, 3], 1 },
        { "Conv", [2, 4, 7, 7], [6, 2, 3, 3], 2 },
        { "Conv", [1, 6, 9, 9], [6, 1, 3, 3], 6 },
        { "Conv", [2, 4, 11], [6, 4, 3], 1 },
        { "Conv", [1, 2, 5, 5, 5], [4, 2, 2, 2, 2], 1 },
        { "ConvTranspose", [2, 4, 5, 5], [4, 6, 3, 3], 1 },
        { "ConvTranspose", [2, 4, 5, 5], [4, 3, 3, 3], 2 },
        { "ConvTranspose", [1, 4, 9], [4, 6, 2], 1 },
    };

    [Theory]
    [MemberData(nameof(Convolutions))]
    public void Folds_batch_normalization_of_convolutions(string op, long[] input, long[] weights, long group)
    {
        foreach (bool hasBias in new[] { false, true })
            FusionAssert.Fuses(Pass, () => Normalized(op, input, weights, group, hasBias), op);
    }

    [Fact]
    public void Scales_each_output_channel_of_grouped_weights_by_its_own_factor()
    {
        var b = new GraphBuilder();
        // Two groups of two channels in and one out each.
        Value y = b.Op("ConvTranspose", [b.Input("x", 1, 4, 1), b.Constant([1f, 2f, 3f, 4f], 4, 1, 1)], new NodeAttribute("group", 2L));
        b.Output("y", b.Op("Mul", y, b.Constant([10f, 100f], 2, 1)));
        GraphAssert.Apply(Pass, b.Model);
        Assert.Equal([10f, 20f, 300f, 400f], b.Graph.Nodes.First!.Constant(1)!.Floats());
    }

    [Fact]
    public void Computes_what_the_formula_says()
    {
        var b = new GraphBuilder();
        Value y = b.Op("Conv", b.Input("x", 1, 1, 2), b.Constant([3f, 5f], 2, 1, 1), b.Constant([1f, 2f]));
        y = b.Op("BatchNormalization", [y, b.Constant([2f, 4f]), b.Constant([7f, 8f]), b.Constant([1f, -1f]), b.Constant([3f, 15f])], new NodeAttribute("epsilon", 1f));
        b.Output("y", y);
        GraphAssert.Apply(Pass, b.Model);
        Node conv = b.Graph.Nodes.First!;
        // γ/√(σ²+ε) = 1 and 1; β + (b − μ)·scale = 7 and 11.
        Assert.Equal([3f, 5f], conv.Constant(1)!.Floats());
        Assert.Equal([7f, 11f], conv.Constant(2)!.Floats());
        Assert.Equal("y", conv.Output.Name);
    }

    [Theory]
    [InlineData(false, 1f, 1f)]
    [InlineData(true, 1f, 1f)]
    [InlineData(true, 0.5f, 3f)]
    public void Folds_batch_normalization_of_a_gemm(bool isTransposed, float alpha, float beta)
    {
        Model Build()
        {
            var b = new GraphBuilder();
            Value w = isTransposed ? b.Weights(1, 5, 3) : b.Weights(1, 3, 5);
            Value y = b.Op("Gemm", [b.Input("x", Dim.Named("n"), 3), w, b.Weights(2, 5)], new("transB", isTransposed ? 1L : 0L), new("alpha", alpha), new("beta", beta));
            return b.Output("y", Normalize(b, y, 5)).Model;
        }
        FusionAssert.Fuses(Pass, Build, "Gemm");
    }

    [Fact]
    public void Folds_batch_normalization_of_a_matrix_product_into_weights_and_an_add()
    {
        Model Build()
        {
            var b = new GraphBuilder();
            Value y = b.Op("MatMul", b.Input("x", Dim.Named("n"), 3), b.Weights(1, 3, 5));
            y.Type = new TensorType(ElementType.Float, new Shape(Dim.Named("n"), 5));
            return b.Output("y", Normalize(b, y, 5)).Model;
        }
        FusionAssert.Fuses(Pass, Build, "MatMul", "Add");
    }

    [Fact]
    public void Collects_a_chain_of_steps_after_a_matrix_product_of_unknown_rank()
    {
        Model Build()
        {
            var b = new GraphBuilder();
            Value y = b.Op("Add", b.Weights(2, 5), b.Op("MatMul", b.Input("x", 2, 4, 3), b.Weights(1, 3, 5)));
            y = b.Op("Sub", b.Op("Mul", b.Constant([1f, 2f, 3f, 4f, 5f]), y), b.Constant([2f], 1));
            return b.Output("y", b.Op("Neg", b.Op("Div", y, b.Scalar(4f)))).Model;
        }
        FusionAssert.Fuses(Pass, Build, "MatMul", "Add");
    }

    [Fact]
    public void Refuses_a_sum_that_adds_axes_to_a_matrix_product()
    {
        var b = new GraphBuilder();
        Value y = b.Op("Add", b.Op("MatMul", b.Input("x", 4, 3), b.Weights(1, 3, 5)), b.Weights(2, 1, 1, 5));
        b.Output("y", b.Op("Mul", y, b.Scalar(2f)));
        FusionAssert.Refuses(Pass, b.Model, "not one constant per channel");
    }

    public static TheoryData<string, long[], bool> Steps => new()
    {
        { "Mul", [6, 1, 1], false },
        { "Mul", [1, 6, 1, 1], true },
        { "Add", [6, 1, 1], true },
        { "Add", [1, 6, 1, 1], false },
        { "Sub", [6, 1, 1], false },
        { "Sub", [6, 1, 1], true },
        { "Div", [1, 6, 1, 1], false },
        { "Mul", [], true },
        { "Add", [1], false },
        { "Div", [1, 1, 1, 1], false },
    };

    [Theory]
    [MemberData(nameof(Steps))]
    public void Folds_arithmetic_with_constants_in_either_order(string op, long[] dims, bool isFirst)
    {
        Model Build()
        {
            var b = new GraphBuilder();
            Value y = b.Op("Conv", b.Input("x", 1, 4, 7, 7), b.Weights(1, 6, 4, 3, 3));
            Value c = b.Weights(3, dims);
            return b.Output("y", isFirst ? b.Op(op, c, y) : b.Op(op, y, c)).Model;
        }
        FusionAssert.Fuses(Pass, Build, "Conv");
    }

    [Fact]
    public void Reads_constants_from_constant_nodes()
    {
        Model Build()
        {
            var b = new GraphBuilder();
            Value w = b.Op("Constant", [], new NodeAttribute("value", TestTensors.Normal(1, 6, 4, 3, 3)));
            Value y = b.Op("Conv", b.Input("x", 1, 4, 7, 7), w);
            return b.Output("y", b.Op("Mul", y, b.Op("Constant", [], new NodeAttribute("value_float", 3f)))).Model;
        }
        FusionAssert.Fuses(Pass, Build, "Constant", "Conv", "Constant");
    }

    [Fact]
    public void Follows_the_channels_through_transposes_of_channels_last_exporters()
    {
        Model Build()
        {
            var b = new GraphBuilder();
            Value y = b.Op("Conv", b.Input("x", 1, 4, 7, 7), b.Weights(1, 6, 4, 3, 3));
            y = b.Op("Transpose", [y], new NodeAttribute("perm", [0L, 2, 3, 1]));
            return b.Output("y", b.Op("Add", b.Op("Mul", y, b.Weights(2, 6)), b.Weights(3, 1, 1, 1, 6))).Model;
        }
        FusionAssert.Fuses(Pass, Build, "Conv", "Transpose");
    }

    [Theory]
    [InlineData(11)]
    [InlineData(13)]
    public void Follows_the_channels_through_the_squeeze_of_a_one_dimensional_convolution(long opset)
    {
        Model Build()
        {
            var b = new GraphBuilder(opset);
            Value y = b.Op("Conv", b.Input("x", 2, 4, 1, 9), b.Weights(1, 6, 4, 1, 3));
            y = opset < 13 ? b.Op("Squeeze", [y], new NodeAttribute("axes", [2L])) : b.Op("Squeeze", y, b.Constant([-2L]));
            return b.Output("y", Normalize(b, y, 6)).Model;
        }
        FusionAssert.Fuses(Pass, Build, "Conv", "Squeeze");
    }

    [Fact]
    public void Keeps_weights_that_another_node_shares()
    {
        Model Build()
        {
            var b = new GraphBuilder();
            Value w = b.Weights(1, 6, 4, 3, 3), x = b.Input("x", 1, 4, 7, 7);
            b.Output("plain", b.Op("Conv", x, w));
            return b.Output("normalized", Normalize(b, b.Op("Conv", x, w), 6)).Model;
        }
        Model model = FusionAssert.Fuses(Pass, Build, "Conv", "Conv");
        Assert.Equal(TestTensors.Normal(1, 6, 4, 3, 3).Floats(), model.Graph.Nodes.First!.Constant(1)!.Floats());
    }

    [Fact]
    public void Folds_inside_a_branch_with_weights_of_the_outer_graph()
    {
        Model Build()
        {
            var b = new GraphBuilder();
            Value x = b.Input("x", 1, 4, 7, 7), w = b.Weights(1, 6, 4, 3, 3);
            Graph then = b.Subgraph("then", s => s.Output("a", Normalize(s, s.Op("Conv", x, w), 6)));
            Graph otherwise = b.Subgraph("else", s => s.Output("b", s.Op("Conv", x, w)));
            Value y = b.Op("If", [b.Input("c", ElementType.Bool)], new("then_branch", then), new("else_branch", otherwise));
            return b.Output("y", y, new TensorType(ElementType.Float, null)).Model;
        }
        Model model = FusionAssert.Fuses(Pass, Build, "If");
        Assert.Equal(0, model.Graph.Count("BatchNormalization"));
    }

    [Theory]
    [InlineData(0f, 1e-5f)]
    [InlineData(0f, 1e-12f)]
    [InlineData(1e-30f, 1e-12f)]
    public void Folds_channels_without_variance(float variance, float epsilon)
    {
        FusionAssert.Fuses(Pass, () => WithStatistics(1f, 0f, 0.5f, variance, epsilon), "Conv");
    }

    [Theory]
    [InlineData(1f, 0f, 0f, -1f, 1e-5f, "negative")]
    [InlineData(1f, 0f, 0f, float.NaN, 1e-5f, "NaN")]
    [InlineData(1f, 0f, 0f, 0f, 0f, "both zero")]
    [InlineData(float.NaN, 0f, 0f, 1f, 1e-5f, "NaN or infinite")]
    [InlineData(float.PositiveInfinity, 0f, 0f, 1f, 1e-5f, "NaN or infinite")]
    [InlineData(1f, float.NegativeInfinity, 0f, 1f, 1e-5f, "NaN or infinite")]
    [InlineData(1f, 0f, float.NaN, 1f, 1e-5f, "NaN or infinite")]
    [InlineData(float.MaxValue, 0f, 0f, 1e-30f, 1e-30f, "would not be finite")]
    public void Refuses_parameters_that_are_no_numbers(float gamma, float beta, float mean, float variance, float epsilon, string reason)
    {
        FusionAssert.Refuses(Pass, WithStatistics(gamma, beta, mean, variance, epsilon), reason);
    }

    [Fact]
    public void Refuses_training_mode()
    {
        Model model = Normalized("Conv", [1, 4, 7, 7], [6, 4, 3, 3], 1, false);
        model.Graph.Nodes.Last!.Attributes.Set("training_mode", 1L);
        FusionAssert.Refuses(Pass, model, "training mode");
    }

    [Fact]
    public void Refuses_the_old_form_of_training_mode()
    {
        var b = new GraphBuilder(9);
        Value y = b.Op("Conv", b.Input("x", 1, 4, 7, 7), b.Weights(1, 6, 4, 3, 3));
        Value[] statistics = [b.Weights(2, 6), b.Weights(3, 6), b.Weights(4, 6), Positive(b, 6)];
        b.Output("y", b.Node("BatchNormalization", [y, .. statistics], 5).Outputs[0]);
        FusionAssert.Refuses(Pass, b.Model, "training mode");
    }

    [Fact]
    public void Refuses_statistics_that_are_computed()
    {
        var b = new GraphBuilder();
        Value y = b.Op("Conv", b.Input("x", 1, 4, 7, 7), b.Weights(1, 6, 4, 3, 3));
        b.Output("y", b.Op("BatchNormalization", y, b.Input("scale", 6), b.Weights(3, 6), b.Weights(4, 6), Positive(b, 6)));
        FusionAssert.Refuses(Pass, b.Model, "not constant");
    }

    [Fact]
    public void Refuses_weights_that_are_computed()
    {
        var b = new GraphBuilder();
        Value y = b.Op("Conv", b.Input("x", 1, 4, 7, 7), b.Input("w", 6, 4, 3, 3));
        b.Output("y", Normalize(b, y, 6));
        FusionAssert.Refuses(Pass, b.Model, "the weights of 'Conv_0 (Conv)' are not constant");
    }

    [Fact]
    public void Refuses_when_another_node_reads_the_convolution()
    {
        var b = new GraphBuilder();
        Value y = b.Op("Conv", b.Input("x", 1, 4, 7, 7), b.Weights(1, 6, 4, 3, 3));
        b.Output("r", b.Op("Relu", y)).Output("y", Normalize(b, y, 6));
        FusionAssert.Refuses(Pass, b.Model, "'Relu_1 (Relu)'");
    }

    [Fact]
    public void Refuses_when_the_convolution_is_an_output()
    {
        var b = new GraphBuilder();
        Value y = b.Op("Conv", b.Input("x", 1, 4, 7, 7), b.Weights(1, 6, 4, 3, 3));
        b.Output("raw", y).Output("y", Normalize(b, y, 6));
        FusionAssert.Refuses(Pass, b.Model, "also an output");
    }

    [Fact]
    public void Refuses_division_by_zero()
    {
        var b = new GraphBuilder();
        Value y = b.Op("Conv", b.Input("x", 1, 4, 7, 7), b.Weights(1, 6, 4, 3, 3));
        b.Output("y", b.Op("Div", y, b.Scalar(0f)));
        FusionAssert.Refuses(Pass, b.Model, "division by zero");
    }

    [Fact]
    public void Leaves_constants_alone_that_vary_over_space_or_add_axes()
    {
        var b = new GraphBuilder();
        Value x = b.Input("x", 1, 4, 7, 7), w = b.Weights(1, 7, 4, 1, 1);
        // Seven channels and a width of seven: [7] is the width.
        b.Output("width", b.Op("Mul", b.Op("Conv", x, w), b.Weights(2, 7)));
        b.Output("space", b.Op("Add", b.Op("Conv", x, w), b.Weights(3, 7, 7)));
        b.Output("axes", b.Op("Mul", b.Op("Conv", x, w), b.Weights(4, 1, 1, 7, 1, 1)));
        b.Output("divisor", b.Op("Div", b.Scalar(1f), b.Op("Conv", x, w)));
        FusionAssert.LeavesAlone(Pass, b.Model);
    }

    [Fact]
    public void Leaves_the_scale_of_two_computed_matrices_alone()
    {
        var b = new GraphBuilder();
        b.Output("y", b.Op("Mul", b.Op("MatMul", b.Input("q", 2, 3, 4), b.Input("k", 2, 4, 3)), b.Scalar(0.5f)));
        FusionAssert.LeavesAlone(Pass, b.Model);
    }

    private static Model Normalized(string op, long[] input, long[] weights, long group, bool hasBias)
    {
        var b = new GraphBuilder();
        int channels = (int)(op == "Conv" ? weights[0] : weights[1] * group);
        Value x = b.Input("x", Array.ConvertAll(input, d => (Dim)d)), w = b.Weights(1, weights);
        Value y = b.Op(op, hasBias ? [x, w, b.Weights(2, channels)] : [x, w], new NodeAttribute("group", group));
        return b.Output("y", Normalize(b, y, channels)).Model;
    }

    private static Model WithStatistics(float gamma, float beta, float mean, float variance, float epsilon)
    {
        var b = new GraphBuilder();
        Value y = b.Op("Conv", b.Input("x", 1, 2, 3), b.Weights(1, 1, 2, 1));
        b.Output("y", b.Op("BatchNormalization", [y, b.Constant([gamma]), b.Constant([beta]), b.Constant([mean]), b.Constant([variance])], new NodeAttribute("epsilon", epsilon)));
        return b.Model;
    }

    internal static Value Normalize(GraphBuilder b, Value x, int channels) =>
        b.Op("BatchNormalization", [x, b.Weights(11, channels), b.Weights(12, channels), b.Weights(13, channels), Positive(b, channels)], new NodeAttribute("epsilon", 1e-3f));

    internal static Value Positive(GraphBuilder b, int count) => b.Constant(Array.ConvertAll(TestTensors.Normal(14, count).Floats(), f => 0.5f + f * f), count);
}
