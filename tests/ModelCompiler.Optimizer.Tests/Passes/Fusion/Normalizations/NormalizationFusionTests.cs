using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes.Fusion;
using ModelCompiler.Optimizer.Passes.Fusion.Normalizations;
using ModelCompiler.Optimizer.Tests.Support;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Passes.Fusion.Normalizations;

public sealed class NormalizationFusionTests
{
    private static readonly LayerNormalizationFusion Layer = new();
    private static readonly RmsNormalizationFusion Rms = new();
    private static readonly FoldAffineIntoNormalization Affine = new();

    private static readonly Dictionary<string, Func<GraphBuilder, Value, long[], Value>> Forms = new()
    {
        ["PyTorch: pow, sqrt, div"] = (b, x, axes) => b.Op("Div", Centered(b, x, axes), b.Op("Sqrt", b.Op("Add", Variance(b, x, axes, true), b.Scalar(1e-5f)))),
        ["square by mul"] = (b, x, axes) => b.Op("Div", Centered(b, x, axes), b.Op("Sqrt", b.Op("Add", b.Constant([1e-12f]), Variance(b, x, axes, false)))),
        ["reciprocal"] = (b, x, axes) => b.Op("Mul", b.Op("Reciprocal", b.Op("Sqrt", b.Op("Add", Variance(b, x, axes, true), b.Scalar(1e-5f)))), Centered(b, x, axes)),
        ["power of minus a half"] = (b, x, axes) => b.Op("Mul", Centered(b, x, axes), b.Op("Pow", b.Op("Add", Variance(b, x, axes, true), b.Scalar(1e-6f)), b.Scalar(-0.5f))),
        ["one over root"] = (b, x, axes) => b.Op("Mul", Centered(b, x, axes), b.Op("Div", b.Scalar(1f), b.Op("Sqrt", b.Op("Add", Variance(b, x, axes, true), b.Scalar(1e-6f))))),
        ["no epsilon"] = (b, x, axes) => b.Op("Div", Centered(b, x, axes), b.Op("Sqrt", Variance(b, x, axes, true))),
        ["tf2onnx"] = TensorFlow,
    };

    public static TheoryData<string, long> FormNames
    {
        get
        {
            var data = new TheoryData<string, long>();
            foreach (string form in Forms.Keys)
                foreach (long opset in new[] { 17L, 18 })
                    data.Add(form, opset);
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(FormNames))]
    public void Finds_layer_normalization(string form, long opset)
    {
        FusionAssert.Fuses(Layer, () => Unary(opset, [Dim.Named("n"), 4, 12], (b, x) => Forms[form](b, x, [-1])), "LayerNormalization");
        FusionAssert.Fuses(Layer, () => Unary(opset, [5, 12], (b, x) => Forms[form](b, x, [1])), "LayerNormalization");
    }

    [Fact]
    public void Finds_layer_normalization_over_two_axes()
    {
        Model model = FusionAssert.Fuses(Layer, () => Unary(17, [2, 3, 4, 5, 6], (b, x) => Forms["reciprocal"](b, x, [-1, -2])), "LayerNormalization");
        Assert.Equal([5, 6], model.Graph.Nodes.First!.Constant(1)!.Dims.ToArray());
    }

    [Fact]
    public void Finds_instance_normalization()
    {
        FusionAssert.Fuses(Layer, () => Unary(13, [2, 3, 8, 8], (b, x) => Forms["reciprocal"](b, x, [2, 3])), "InstanceNormalization");
        FusionAssert.Fuses(Layer, () => Unary(13, [2, 3, 64], (b, x) => b.Op("Mul", Forms["reciprocal"](b, x, [-1]), b.Weights(3, 3, 1))), "InstanceNormalization", "Mul");
    }

    [Fact]
    public void Finds_mixed_precision_through_the_cast_before_pow()
    {
        Model Build() => Unary(17, [2, 12], (b, x) =>
        {
            Value d = Centered(b, x, [-1]);
            Value variance = Mean(b, b.Op("Pow", b.Op("Cast", [d], new NodeAttribute("to", 1L)), b.Scalar(2f)), [-1]);
            return b.Op("Div", d, b.Op("Sqrt", b.Op("Add", variance, b.Scalar(1e-5f))));
        });
        FusionAssert.Fuses(Layer, Build, "LayerNormalization");
    }

    [Fact]
    public void Refuses_layer_normalization_before_its_operator_set_and_of_unknown_size()
    {
        FusionAssert.Refuses(Layer, Unary(13, [2, 12], (b, x) => Forms["reciprocal"](b, x, [-1])), "operator set 17, the model is written in 13");
        FusionAssert.Refuses(Layer, Unary(17, [2, Dim.Named("h")], (b, x) => Forms["reciprocal"](b, x, [-1])), "size of the normalized axes is not known");
    }

    [Fact]
    public void Refuses_when_the_mean_is_read_elsewhere()
    {
        var b = new GraphBuilder();
        Value x = b.Input("x", 2, 12), mean = Mean(b, x, [-1]), d = b.Op("Sub", x, mean);
        Value variance = Mean(b, b.Op("Mul", d, d), [-1]);
        b.Output("y", b.Op("Div", d, b.Op("Sqrt", b.Op("Add", variance, b.Scalar(1e-5f))))).Output("mean", mean);
        FusionAssert.Refuses(Layer, b.Model, "'mean' inside the pattern is also an output");
    }

    [Fact]
    public void Leaves_other_axes_and_dropped_dimensions_alone()
    {
        FusionAssert.LeavesAlone(Layer, Unary(17, [2, 3, 4], (b, x) => Forms["reciprocal"](b, x, [1])));
        FusionAssert.LeavesAlone(Layer, Unary(17, [2, 3, 4], (b, x) => Forms["reciprocal"](b, x, [0, 2])));
        FusionAssert.LeavesAlone(Layer, Unary(17, [4, 4], (b, x) =>
        {
            Value d = b.Op("Sub", x, b.Op("ReduceMean", [x], new("axes", [-1L]), new("keepdims", 0L)));
            return b.Op("Div", d, b.Op("Sqrt", b.Op("Add", Mean(b, b.Op("Mul", d, d), [-1]), b.Scalar(1e-5f))));
        }));
    }

    [Theory]
    [InlineData("div")]
    [InlineData("reciprocal")]
    [InlineData("pow")]
    public void Finds_rms_normalization(string form)
    {
        Model Build() => Unary(17, [Dim.Named("n"), 4, 12], (b, x) =>
        {
            Value power = b.Op("Add", Mean(b, form == "pow" ? b.Op("Pow", x, b.Scalar(2f)) : b.Op("Mul", x, x), [-1]), b.Scalar(1e-6f));
            Value normalized = form switch
            {
                "div" => b.Op("Div", x, b.Op("Sqrt", power)),
                "reciprocal" => b.Op("Mul", x, b.Op("Reciprocal", b.Op("Sqrt", power))),
                _ => b.Op("Mul", b.Op("Pow", power, b.Scalar(-0.5f)), x),
            };
            return b.Op("Mul", b.Weights(3, 12), normalized);
        });
        FusionAssert.Fuses(Rms, Build, "SimplifiedLayerNormalization");
    }

    [Fact]
    public void Leaves_the_end_of_a_layer_normalization_alone() =>
        FusionAssert.LeavesAlone(Rms, Unary(13, [2, 12], (b, x) => b.Op("Mul", Forms["reciprocal"](b, x, [-1]), b.Weights(3, 12))));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Folds_scale_and_bias_into_layer_normalization(bool hasBias)
    {
        Model Build() => Unary(17, [Dim.Named("n"), 4, 12], (b, x) =>
        {
            Value y = b.Op("LayerNormalization", hasBias ? [x, b.Weights(1, 12), b.Weights(2, 12)] : [x, b.Weights(1, 12)]);
            y = b.Op("Add", b.Weights(4, 1, 1, 12), b.Op("Mul", y, b.Weights(3, 12)));
            return b.Op("Sub", b.Scalar(1f), b.Op("Div", y, b.Scalar(3f)));
        });
        FusionAssert.Fuses(Affine, Build, "LayerNormalization");
    }

    [Fact]
    public void Folds_scale_and_bias_into_instance_normalization()
    {
        Model Build() => Unary(17, [2, 3, 8, 8], (b, x) =>
        {
            Value y = b.Op("InstanceNormalization", x, b.Weights(1, 3), b.Weights(2, 3));
            return b.Op("Add", b.Weights(4, 1, 3, 1, 1), b.Op("Mul", y, b.Weights(3, 3, 1, 1)));
        });
        FusionAssert.Fuses(Affine, Build, "InstanceNormalization");
    }

    [Fact]
    public void Refuses_to_fold_into_a_normalization_that_is_read_elsewhere_or_scaled_by_an_input()
    {
        var b = new GraphBuilder();
        Value y = b.Op("LayerNormalization", b.Input("x", 2, 12), b.Weights(1, 12));
        b.Output("y", b.Op("Mul", y, b.Weights(3, 12))).Output("z", b.Op("Neg", b.Op("Relu", y)));
        FusionAssert.Refuses(Affine, b.Model, "'Relu_2 (Relu)'");

        FusionAssert.Refuses(Affine, Unary(17, [2, 12], (c, x) =>
            c.Op("Add", c.Op("LayerNormalization", x, c.Weights(1, 12), c.Input("bias", 12)), c.Weights(3, 12))), "bias is not constant");
    }

    private static Value TensorFlow(GraphBuilder b, Value x, long[] axes)
    {
        Value mean = Mean(b, x, axes), d = b.Op("Sub", x, mean), variance = Mean(b, b.Op("Mul", d, d), axes);
        Value s = b.Op("Mul", b.Op("Reciprocal", b.Op("Sqrt", b.Op("Add", variance, b.Scalar(1e-3f)))), b.Weights(5, 12));
        return b.Op("Add", b.Op("Mul", x, s), b.Op("Sub", b.Weights(6, 12), b.Op("Mul", mean, s)));
    }

    private static Value Centered(GraphBuilder b, Value x, long[] axes) => b.Op("Sub", x, Mean(b, x, axes));

    private static Value Variance(GraphBuilder b, Value x, long[] axes, bool isPow)
    {
        Value d = Centered(b, x, axes);
        return Mean(b, isPow ? b.Op("Pow", d, b.Scalar(2f)) : b.Op("Mul", d, d), axes);
    }

    // The axes are an attribute before opset 18, and an input since.
    private static Value Mean(GraphBuilder b, Value x, long[] axes) => b.Model.Opset >= 18
        ? b.Op("ReduceMean", x, b.Constant(axes))
        : b.Op("ReduceMean", [x], new NodeAttribute("axes", axes));

    private static Model Unary(long opset, Dim[] dims, Func<GraphBuilder, Value, Value> function)
    {
        var b = new GraphBuilder(opset);
        return b.Output("y", function(b, b.Input("x", dims))).Model;
    }
}
