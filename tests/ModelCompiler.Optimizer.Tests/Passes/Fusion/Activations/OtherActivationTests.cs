using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes.Fusion.Activations;
using ModelCompiler.Optimizer.Targets;
using ModelCompiler.Optimizer.Tests.Support;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Passes.Fusion.Activations;

public sealed class OtherActivationTests
{
    private static readonly LeakyReluFusion Leaky = new();
    private static readonly SoftmaxFusion Softmax = new();
    private static readonly GatedActivationFusion Gated = new();

    private static readonly Dictionary<string, Func<GraphBuilder, Value, Value>> LeakyForms = new()
    {
        ["max"] = (b, x) => b.Op("Max", b.Op("Mul", b.Scalar(0.1f), x), x),
        ["max and div"] = (b, x) => b.Op("Max", x, b.Op("Div", x, b.Scalar(8f))),
        ["prelu of one slope"] = (b, x) => b.Op("PRelu", x, b.Constant([0.25f], 1, 1)),
        ["prelu of a slope above one"] = (b, x) => b.Op("PRelu", x, b.Constant([-1.5f])),
        ["Keras: relu and negated relu"] = (b, x) => b.Op("Add", b.Op("Relu", x), b.Op("Mul", b.Scalar(-0.2f), b.Op("Relu", b.Op("Neg", x)))),
        ["double negation"] = (b, x) => b.Op("Add", b.Op("Mul", b.Op("Neg", b.Op("Relu", b.Op("Neg", x))), b.Constant([0.3f])), b.Op("Relu", x)),
        ["difference"] = (b, x) => b.Op("Sub", b.Op("Relu", x), b.Op("Mul", b.Op("Relu", b.Op("Mul", x, b.Scalar(-1f))), b.Scalar(0.2f))),
        ["where greater"] = (b, x) => b.Op("Where", b.Op("Greater", x, b.Scalar(0f)), x, b.Op("Mul", x, b.Scalar(0.2f))),
        ["where less"] = (b, x) => b.Op("Where", b.Op("Less", x, b.Scalar(0f)), b.Op("Mul", x, b.Scalar(-2f)), x),
    };

    public static TheoryData<string> LeakyFormNames => [.. LeakyForms.Keys];

    [Theory]
    [MemberData(nameof(LeakyFormNames))]
    public void Finds_leaky_relu(string form) => FusionAssert.Fuses(Leaky, () => Unary(LeakyForms[form]), "LeakyRelu");

    [Theory]
    [InlineData("max")]
    [InlineData("prelu of one slope")]
    [InlineData("where greater")]
    public void Leaky_relu_keeps_special_floats(string form)
    {
        Model Build()
        {
            var b = new GraphBuilder();
            return b.Output("y", LeakyForms[form](b, b.Op("Mul", b.Input("x", 1, 1), b.Constant(TestTensors.Special(16))))).Model;
        }
        FusionAssert.Fuses(Leaky, Build, "Mul", "LeakyRelu");
    }

    [Fact]
    public void Leaves_what_is_no_leaky_relu_alone()
    {
        FusionAssert.LeavesAlone(Leaky, Unary((b, x) => b.Op("Max", x, b.Op("Mul", x, b.Scalar(1.5f)))));
        FusionAssert.LeavesAlone(Leaky, Unary((b, x) => b.Op("Max", x, b.Op("Mul", x, b.Scalar(0f)))));
        FusionAssert.LeavesAlone(Leaky, Unary((b, x) => b.Op("PRelu", x, b.Weights(3, 40))));
        FusionAssert.LeavesAlone(Leaky, Unary((b, x) => b.Op("Where", b.Op("Greater", x, b.Scalar(1f)), x, b.Op("Mul", x, b.Scalar(0.2f)))));
        FusionAssert.LeavesAlone(Leaky, Unary((b, x) => b.Op("Add", b.Op("Relu", x), b.Op("Mul", b.Scalar(0.2f), b.Op("Relu", x)))));
    }

    [Fact]
    public void Leaves_constants_alone_that_add_axes() =>
        FusionAssert.LeavesAlone(Leaky, Unary((b, x) => b.Op("Max", b.Op("Mul", b.Constant([0.1f], 1, 1, 1), x), x)));

    private static readonly Dictionary<string, (string Operator, Func<GraphBuilder, Value, Value> Build)> SoftmaxForms = new()
    {
        ["exp over sum"] = ("Softmax", (b, x) => Exp(b, x) is var e ? b.Op("Div", e, Reduce(b, "ReduceSum", e)) : x),
        ["exp by reciprocal"] = ("Softmax", (b, x) => Exp(b, x) is var e ? b.Op("Mul", b.Op("Reciprocal", Reduce(b, "ReduceSum", e)), e) : x),
        ["shifted minus log"] = ("LogSoftmax", (b, x) => Shifted(b, x) is var d ? b.Op("Sub", d, b.Op("Log", Reduce(b, "ReduceSum", b.Op("Exp", d)))) : x),
        ["x minus log-sum-exp"] = ("LogSoftmax", (b, x) => Reduce(b, "ReduceMax", x) is var m ? b.Op("Sub", x, b.Op("Add", m, b.Op("Log", Reduce(b, "ReduceSum", b.Op("Exp", b.Op("Sub", x, m)))))) : x),
    };

    public static TheoryData<string> SoftmaxFormNames => [.. SoftmaxForms.Keys];

    [Theory]
    [MemberData(nameof(SoftmaxFormNames))]
    public void Finds_softmax(string form) => FusionAssert.Fuses(Softmax, () => Unary(SoftmaxForms[form].Build), SoftmaxForms[form].Operator);

    [Fact]
    public void Leaves_softmax_without_maximum_and_over_other_axes_alone()
    {
        FusionAssert.LeavesAlone(Softmax, Unary((b, x) => b.Op("Exp", x) is var e ? b.Op("Div", e, Reduce(b, "ReduceSum", e)) : x));
        FusionAssert.LeavesAlone(Softmax, Unary((b, x) => Exp(b, x) is var e ? b.Op("Div", e, b.Op("ReduceSum", e, b.Constant([0L]))) : x));
    }

    [Fact]
    public void Refuses_softmax_over_an_inner_axis_in_an_old_operator_set()
    {
        var b = new GraphBuilder(11);
        Value x = b.Input("x", 2, 3, 4), e = b.Op("Exp", b.Op("Sub", x, b.Op("ReduceMax", [x], new NodeAttribute("axes", [1L]))));
        b.Output("y", b.Op("Div", e, b.Op("ReduceSum", [e], new NodeAttribute("axes", [1L]))));
        FusionAssert.Refuses(Softmax, b.Model, "operator set 13");
    }

    [Fact]
    public void Leaves_mish_and_swish_in_pieces_on_the_cpu_and_says_why()
    {
        FusionAssert.Refuses(Gated, Unary((b, x) => b.Op("Mul", x, b.Op("Tanh", b.Op("Softplus", x)))), "no kernel for Mish");
        FusionAssert.Refuses(Gated, Unary((b, x) => b.Op("Mul", b.Op("Sigmoid", x), x)), "no kernel for QuickGelu");
    }

    [Fact]
    public void Fuses_mish_and_swish_for_a_provider_with_kernels()
    {
        TargetProfile target = TargetProfile.CpuPortable with { FusedOperators = new HashSet<string> { "Mish", "QuickGelu" } };
        FusionAssert.Fuses(Gated, () => Unary((b, x) => b.Op("Mul", x, b.Op("Tanh", b.Op("Softplus", x)))), target, "Mish");
        FusionAssert.Fuses(Gated, () => Unary((b, x) => b.Op("Mul", b.Op("Tanh", b.Op("Log", b.Op("Add", b.Op("Exp", x), b.Scalar(1f)))), x)), target, "Mish");
        FusionAssert.Fuses(Gated, () => Unary((b, x) => b.Op("Mul", b.Op("Sigmoid", b.Op("Mul", b.Scalar(1.702f), x)), x)), target, "QuickGelu");
    }

    [Fact]
    public void Takes_mish_apart_on_the_cpu()
    {
        string[] pieces = ["Min", "Exp", "Add", "Mul", "Add", "Div", "Mul"];
        FusionAssert.Fuses(new MishExpansion(), () => Unary((b, x) => b.Op("Mish", x)), pieces);
        Model Scaled() => Unary((b, x) => b.Op("Mul", b.Op("Mul", x, b.Scalar(30f)), b.Op("Tanh", b.Op("Softplus", b.Op("Mul", x, b.Scalar(30f))))));
        FusionAssert.LeavesAlone(new MishExpansion(), Scaled());
        FusionAssert.Fuses(new MishExpansion(), () => Unary((b, x) => OfPieces(b, b.Op("Mul", x, b.Scalar(30f)))), ["Mul", .. pieces]);

        static Value OfPieces(GraphBuilder b, Value x) => b.Op("Mul", b.Op("Tanh", b.Op("Softplus", x)), x);
    }

    private static Value Exp(GraphBuilder b, Value x) => b.Op("Exp", Shifted(b, x));

    private static Value Shifted(GraphBuilder b, Value x) => b.Op("Sub", x, Reduce(b, "ReduceMax", x));

    // Opset 18 and later have the axes of ReduceMax as an input, ReduceSum has them since 13.
    private static Value Reduce(GraphBuilder b, string op, Value x) => op == "ReduceSum"
        ? b.Op(op, x, b.Constant([-1L]))
        : b.Model.Opset >= 18 ? b.Op(op, x, b.Constant([1L])) : b.Op(op, [x], new NodeAttribute("axes", [1L]));

    private static Model Unary(Func<GraphBuilder, Value, Value> function)
    {
        var b = new GraphBuilder(18);
        return b.Output("y", function(b, b.Input("x", Dim.Named("n"), 40))).Model;
    }
}
