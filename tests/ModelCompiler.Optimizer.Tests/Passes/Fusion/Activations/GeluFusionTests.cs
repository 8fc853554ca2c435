using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes.Fusion.Activations;
using ModelCompiler.Optimizer.Tests.Support;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Passes.Fusion.Activations;

public sealed class GeluFusionTests
{
    private static readonly GeluFusion Pass = new();

    private static readonly Dictionary<string, Func<GraphBuilder, Value, Value>> Exact = new()
    {
        ["PyTorch"] = (b, x) => b.Op("Mul", b.Op("Mul", x, b.Op("Add", Erf(b, x), b.Scalar(1f))), b.Scalar(0.5f)),
        ["PyTorch 2"] = (b, x) => b.Op("Mul", b.Op("Mul", b.Scalar(0.5f), x), b.Op("Add", Erf(b, x), b.Scalar(1f))),
        ["Paddle"] = (b, x) => b.Op("Mul", x, b.Op("Mul", b.Op("Add", b.Scalar(1f), b.Op("Erf", b.Op("Mul", x, b.Constant([0.70710678f])))), b.Constant([0.5f]))),
        ["half of the sum"] = (b, x) => b.Op("Div", b.Op("Mul", b.Op("Add", Erf(b, x), b.Scalar(1f)), x), b.Scalar(2f)),
    };

    private static readonly Dictionary<string, Func<GraphBuilder, Value, Value>> Approximate = new()
    {
        ["pow"] = (b, x) => Tanh(b, x, b.Op("Mul", b.Op("Add", x, b.Op("Mul", b.Op("Pow", x, b.Scalar(3f)), b.Scalar(0.044715f))), b.Scalar(0.7978845608f))),
        ["cube"] = (b, x) => Tanh(b, x, b.Op("Mul", b.Scalar(0.79788458f), b.Op("Add", b.Op("Mul", b.Scalar(0.044715f), b.Op("Mul", x, b.Op("Mul", x, x))), x))),
        ["factored"] = (b, x) => Tanh(b, x, b.Op("Mul", b.Op("Mul", x, b.Scalar(0.7978845608f)), b.Op("Add", b.Op("Mul", b.Op("Mul", x, b.Scalar(0.044715f)), x), b.Scalar(1f)))),
    };

    public static TheoryData<string> ExactForms => [.. Exact.Keys];

    public static TheoryData<string> ApproximateForms => [.. Approximate.Keys];

    [Theory]
    [MemberData(nameof(ExactForms))]
    public void Finds_the_exact_form(string form)
    {
        FusionAssert.Fuses(Pass, () => Unary(20, Exact[form]), "Gelu");
        Model model = FusionAssert.Fuses(Pass, () => Unary(17, Exact[form]), "Gelu");
        Assert.Equal("com.microsoft", model.Graph.Nodes.First!.Domain);
        Assert.Equal(1, model.Opsets["com.microsoft"]);
    }

    [Theory]
    [MemberData(nameof(ApproximateForms))]
    public void Finds_the_approximation(string form)
    {
        Model model = FusionAssert.Fuses(Pass, () => Unary(20, Approximate[form]), "Gelu");
        Assert.Equal("tanh", model.Graph.Nodes.First!.Attributes["approximate"].String);
        FusionAssert.Fuses(Pass, () => Unary(17, Approximate[form]), "FastGelu");
    }

    [Fact]
    public void Leaves_other_constants_and_other_values_alone()
    {
        FusionAssert.LeavesAlone(Pass, Unary(17, (b, x) => b.Op("Mul", b.Op("Mul", x, b.Op("Add", Erf(b, x), b.Scalar(1f))), b.Scalar(0.4f))));
        FusionAssert.LeavesAlone(Pass, Unary(17, (b, x) => b.Op("Mul", b.Op("Mul", x, b.Op("Add", Erf(b, b.Op("Abs", x)), b.Scalar(1f))), b.Scalar(0.5f))));
        FusionAssert.LeavesAlone(Pass, Unary(17, (b, x) => b.Op("Mul", b.Op("Mul", x, b.Op("Add", b.Op("Erf", x), b.Scalar(1f))), b.Scalar(0.5f))));
    }

    /// <summary>ONNX Runtime joins the first of them, takes the half away from the other, and refuses the model.</summary>
    [Fact]
    public void Two_forms_share_the_half_of_their_input()
    {
        Model Build()
        {
            var b = new GraphBuilder(17);
            Value x = b.Input("x", 2, 3, 4), half = b.Op("Mul", x, b.Scalar(0.5f));
            Value cube = b.Op("Mul", b.Op("Pow", x, b.Scalar(3f)), b.Scalar(0.044715f));
            Value tanh = b.Op("Add", b.Op("Tanh", b.Op("Mul", b.Op("Add", x, cube), b.Scalar(0.7978845608f))), b.Scalar(1f));
            Value approximate = b.Op("Mul", half, tanh), exact = b.Op("Mul", half, b.Op("Add", Erf(b, x), b.Scalar(1f)));
            return b.Output("y", b.Op("Relu", approximate)).Output("z", b.Op("Sigmoid", exact)).Model;
        }
        Model model = Build();
        GraphAssert.Apply(Pass, model);
        Assert.Equal(["FastGelu", "Gelu", "Relu", "Sigmoid"], model.Graph.Operators().Order(StringComparer.Ordinal));
        SameAnswers.Assert(Build(), model);
    }

    [Fact]
    public void Refuses_when_the_error_function_is_an_output()
    {
        var b = new GraphBuilder();
        Value x = b.Input("x", 4), erf = Erf(b, x);
        b.Output("e", erf).Output("y", b.Op("Mul", b.Op("Mul", x, b.Op("Add", erf, b.Scalar(1f))), b.Scalar(0.5f)));
        FusionAssert.Refuses(Pass, b.Model, "'e' inside the pattern is also an output");
    }

    [Fact]
    public void Fuses_inside_branches()
    {
        Model Build()
        {
            var b = new GraphBuilder();
            Value x = b.Input("x", 4, 5);
            Graph then = b.Subgraph("then", s => s.Output("a", Exact["PyTorch"](s, x)));
            Graph otherwise = b.Subgraph("else", s => s.Output("b", s.Op("Neg", x)));
            return b.Output("y", b.Op("If", [b.Input("c", ElementType.Bool)], new("then_branch", then), new("else_branch", otherwise))).Model;
        }
        Assert.Equal(1, FusionAssert.Fuses(Pass, Build, "If").Graph.Count("Gelu"));
    }

    private static Model Unary(long opset, Func<GraphBuilder, Value, Value> function)
    {
        var b = new GraphBuilder(opset);
        return b.Output("y", function(b, b.Input("x", Dim.Named("n"), 40))).Model;
    }

    private static Value Erf(GraphBuilder b, Value x) => b.Op("Erf", b.Op("Div", x, b.Scalar(1.4142135f)));

    private static Value Tanh(GraphBuilder b, Value x, Value inner) => b.Op("Mul", b.Op("Mul", x, b.Scalar(0.5f)), b.Op("Add", b.Op("Tanh", inner), b.Scalar(1f)));
}
