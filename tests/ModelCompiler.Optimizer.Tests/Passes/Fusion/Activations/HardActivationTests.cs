using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes.Fusion.Activations;
using ModelCompiler.Optimizer.Targets;
using ModelCompiler.Optimizer.Tests.Support;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Passes.Fusion.Activations;

public sealed class HardActivationTests
{
    private static readonly HardSigmoidFusion Sigmoid = new();
    private static readonly HardSwishFusion Swish = new();

    /// <summary>relu6(x + 3) / 6 as exporters write it.</summary>
    private static readonly Dictionary<string, Func<GraphBuilder, Value, Value>> Sigmoids = new()
    {
        ["PyTorch: add, clip, div"] = (b, x) => b.Op("Div", Clip(b, b.Op("Add", x, b.Scalar(3f)), 6), b.Scalar(6f)),
        ["Keras: add, relu and min, mul"] = (b, x) => b.Op("Mul", b.Scalar(1 / 6f), b.Op("Min", b.Op("Relu", b.Op("Add", b.Scalar(3f), x)), b.Scalar(6f))),
        ["min of max, vectors of one"] = (b, x) => b.Op("Div", b.Op("Min", b.Constant([6f]), b.Op("Max", b.Op("Sub", x, b.Constant([-3f])), b.Constant([0f]))), b.Constant([6f])),
        ["max of min"] = (b, x) => b.Op("Mul", b.Op("Max", b.Op("Min", b.Op("Add", x, b.Scalar(3f)), b.Scalar(6f)), b.Scalar(0f)), b.Constant([1 / 6f], 1, 1)),
        ["slope first"] = (b, x) => Clip(b, b.Op("Add", b.Op("Mul", x, b.Scalar(1 / 6f)), b.Scalar(0.5f)), 1),
        ["negated slope"] = (b, x) => Clip(b, b.Op("Add", b.Op("Div", b.Op("Neg", x), b.Scalar(-6f)), b.Scalar(0.5f)), 1),
        ["constants in nodes"] = (b, x) => b.Op("Div", Clip(b, b.Op("Add", x, Node(b, 3)), 6), Node(b, 6)),
    };

    public static TheoryData<string> SigmoidForms => [.. Sigmoids.Keys];

    [Theory]
    [MemberData(nameof(SigmoidForms))]
    public void Finds_hard_sigmoid(string form)
    {
        Model Build() => Unary(17, Sigmoids[form]);
        Model model = Build();
        model.InferTypes();
        GraphAssert.Apply(Sigmoid, model);
        Node node = Assert.Single(model.Graph.Nodes, n => n.OpType != "Constant");
        Assert.Equal("HardSigmoid", node.OpType);
        Assert.Equal(1 / 6f, node.Attributes["alpha"].Float, 1e-6f);
        Assert.Equal(0.5f, node.Attributes["beta"].Float, 1e-6f);
        GraphAssert.SecondRunChangesNothing(Sigmoid, model);
        SameAnswers.Assert(Build(), model);
    }

    [Fact]
    public void Finds_hard_sigmoid_with_limits_as_attributes()
    {
        Model Build() => Unary(9, (b, x) => b.Op("Div", b.Op("Clip", [b.Op("Add", x, b.Scalar(3f))], new("min", 0f), new("max", 6f)), b.Scalar(6f)));
        FusionAssert.Fuses(Sigmoid, Build, "HardSigmoid");
    }

    [Fact]
    public void Keeps_special_floats()
    {
        Model Build()
        {
            var b = new GraphBuilder();
            Value x = b.Op("Add", b.Input("x", 16), b.Constant(TestTensors.Special(16)));
            return b.Output("y", Sigmoids["PyTorch: add, clip, div"](b, x)).Model;
        }
        FusionAssert.Fuses(Sigmoid, Build, "Add", "HardSigmoid");
    }

    [Fact]
    public void Leaves_plain_clamps_and_other_heights_alone()
    {
        FusionAssert.LeavesAlone(Sigmoid, Unary(17, (b, x) => Clip(b, x, 1)));
        FusionAssert.LeavesAlone(Sigmoid, Unary(17, (b, x) => Clip(b, b.Op("Add", x, b.Scalar(3f)), 6)));
        FusionAssert.LeavesAlone(Sigmoid, Unary(17, (b, x) => b.Op("Div", Clip(b, b.Op("Add", x, b.Scalar(3f)), 6), b.Scalar(5f))));
        FusionAssert.LeavesAlone(Sigmoid, Unary(17, (b, x) => b.Op("Clip", b.Op("Add", x, b.Scalar(3f)), b.Scalar(0f))));
    }

    [Fact]
    public void Refuses_when_the_clamp_is_read_elsewhere()
    {
        var b = new GraphBuilder();
        Value clip = Clip(b, b.Op("Add", b.Input("x", 2, 3), b.Scalar(3f)), 6);
        b.Output("y", b.Op("Div", clip, b.Scalar(6f))).Output("z", b.Op("Neg", clip));
        FusionAssert.Refuses(Sigmoid, b.Model, "also used by 'Neg_3 (Neg)'");
    }

    /// <summary>x · relu6(x + 3) / 6 as exporters write it.</summary>
    private static readonly Dictionary<string, Func<GraphBuilder, Value, Value>> Swishes = new()
    {
        ["Paddle: mul, then div"] = (b, x) => b.Op("Div", b.Op("Mul", x, Clip(b, b.Op("Add", x, b.Scalar(3f)), 6)), b.Scalar(6f)),
        ["PyTorch: div, then mul"] = (b, x) => b.Op("Mul", x, b.Op("Div", Clip(b, b.Op("Add", x, b.Scalar(3f)), 6), b.Scalar(6f))),
        ["sixth of x first"] = (b, x) => b.Op("Mul", Clip(b, b.Op("Add", x, b.Scalar(3f)), 6), b.Op("Mul", x, b.Scalar(1 / 6f))),
    };

    public static TheoryData<string> SwishForms => [.. Swishes.Keys];

    [Theory]
    [MemberData(nameof(SwishForms))]
    public void Finds_hard_swish(string form)
    {
        FusionAssert.Fuses(Swish, () => Unary(17, Swishes[form]), "HardSwish");
        FusionAssert.Fuses(Swish, () => Unary(13, Swishes[form]), "HardSigmoid", "Mul");
    }

    [Fact]
    public void Finds_hard_swish_in_x_times_hard_sigmoid()
    {
        Value Gate(GraphBuilder b, Value x) => b.Op("HardSigmoid", [x], new("alpha", 1 / 6f), new("beta", 0.5f));
        FusionAssert.Fuses(Swish, () => Unary(14, (b, x) => b.Op("Mul", Gate(b, x), x)), "HardSwish");
        FusionAssert.LeavesAlone(Swish, Unary(13, (b, x) => b.Op("Mul", Gate(b, x), x)));
    }

    [Fact]
    public void Keeps_the_factor_that_an_earlier_fold_left()
    {
        Value Unscaled(GraphBuilder b, Value x) => b.Op("Mul", x, Clip(b, b.Op("Add", x, b.Scalar(3f)), 6));
        FusionAssert.Fuses(Swish, () => Unary(17, Unscaled), "HardSwish", "Mul");
        FusionAssert.Fuses(Swish, () => Unary(13, Unscaled), "HardSigmoid", "Mul", "Mul");
    }

    [Fact]
    public void Leaves_other_slopes_alone()
    {
        FusionAssert.LeavesAlone(Swish, Unary(17, (b, x) => b.Op("Mul", x, b.Op("HardSigmoid", [x]))));
        FusionAssert.LeavesAlone(Swish, Unary(17, (b, x) => b.Op("Mul", x, Clip(b, b.Op("Add", x, b.Scalar(2f)), 6))));
        FusionAssert.LeavesAlone(Swish, Unary(17, (b, x) => b.Op("Mul", b.Op("Abs", x), Clip(b, b.Op("Add", x, b.Scalar(3f)), 6))));
    }

    [Fact]
    public void Refuses_where_the_provider_gains_nothing()
    {
        TargetProfile plain = TargetProfile.CpuPortable with { FusedOperators = new HashSet<string>() };
        FusionAssert.Refuses(Swish, Unary(17, Swishes["PyTorch: div, then mul"]), "no kernel for HardSwish", plain);
        FusionAssert.Refuses(Sigmoid, Unary(17, Sigmoids["slope first"]), "no kernel for HardSigmoid", plain);
    }

    private static Model Unary(long opset, Func<GraphBuilder, Value, Value> function)
    {
        var b = new GraphBuilder(opset);
        return b.Output("y", function(b, b.Input("x", Dim.Named("n"), 40))).Model;
    }

    private static Value Clip(GraphBuilder b, Value x, float max) => b.Model.Opset >= 11
        ? b.Op("Clip", x, b.Scalar(0f), b.Scalar(max))
        : b.Op("Clip", [x], new("min", 0f), new("max", max));

    private static Value Node(GraphBuilder b, float number) => b.Op("Constant", [], new NodeAttribute("value", Tensor.Scalar(number)));
}
