using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes;
using ModelCompiler.Optimizer.Passes.Folding;
using ModelCompiler.Optimizer.Targets;
using ModelCompiler.Optimizer.Tests.Support;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Passes.Folding;

public sealed class ConstantBranchTests
{
    private static readonly ConstantBranch Pass = new();

    private static Model Build(bool condition, bool isDynamic = false)
    {
        var b = new GraphBuilder();
        Value x = b.Op("Abs", b.Input("x", 4));
        Graph Branch(string name, string op) => b.Subgraph(name, inner =>
        {
            Value y = inner.Op("Mul", x, inner.Constant([1f, 2f, 3f, 4f]));
            inner.Output(name + "0", inner.Op(op, y)).Output(name + "1", inner.Op("Identity", x));
        });
        Value flag = isDynamic ? b.Input("flag", ElementType.Bool) : b.Scalar(condition);
        Node choice = b.Node("If", [flag], 2, "", new("then_branch", Branch("a", "Neg")), new("else_branch", Branch("b", "Exp")));
        return b.Output("y", choice.Outputs[0]).Output("z", b.Op("Sin", choice.Outputs[1])).Model;
    }

    [Theory]
    [InlineData(true, "Neg")]
    [InlineData(false, "Exp")]
    public void Puts_the_branch_that_is_taken_in_place(bool condition, string op)
    {
        Model model = BitExact.Rewrites(Pass, () => Build(condition), "Abs", "Mul", op, "Identity", "Sin");
        Assert.Equal(["y", "z"], model.Graph.Outputs.Select(output => output.Name));
        Assert.Empty(GraphVerifier.Verify(model));
        Assert.Same(model.Graph, model.Graph.Outputs[0].Graph);
    }

    [Fact]
    public void Leaves_a_condition_that_is_not_constant() => BitExact.LeavesAlone(Pass, Build(false, isDynamic: true));

    [Fact]
    public void Puts_nested_branches_in_place_with_what_they_capture()
    {
        Model Make()
        {
            var b = new GraphBuilder();
            Value x = b.Input("x", 4), flag = b.Input("flag", ElementType.Bool);
            Graph Inner(GraphBuilder outer, string name, Value captured) => outer.Subgraph(name, inner => inner.Output(name, inner.Op("Add", captured, x)));
            Graph Outer(string name) => b.Subgraph(name, inner =>
            {
                Value own = inner.Op("Neg", x);
                Value dynamic = inner.Op("If", [flag], new("then_branch", Inner(inner, name + "t", own)), new("else_branch", Inner(inner, name + "e", x)));
                inner.Output(name, inner.Op("If", [inner.Scalar(true)], new("then_branch", Inner(inner, name + "u", dynamic)), new("else_branch", Inner(inner, name + "v", own))));
            });
            return b.Output("y", b.Op("If", [b.Scalar(false)], new("then_branch", Outer("a")), new("else_branch", Outer("b")))).Model;
        }
        Model model = BitExact.Rewrites(Pass, Make, "Neg", "If", "Add");
        Assert.Empty(GraphVerifier.Verify(model));
    }

    [Fact]
    public void Hands_a_constant_and_a_captured_input_out_under_the_names_of_the_outputs()
    {
        Model Make()
        {
            var b = new GraphBuilder();
            Value x = b.Input("x", 4);
            Graph Branch(string name) => b.Subgraph(name, inner => inner.Output(name + "0", inner.Constant([1f, 2f])).Output(name + "1", inner.Op("Identity", x)));
            Node choice = b.Node("If", [b.Scalar(true)], 2, "", new("then_branch", Branch("a")), new("else_branch", Branch("b")));
            return b.Output("k", choice.Outputs[0]).Output("y", choice.Outputs[1]).Model;
        }
        Model model = BitExact.Rewrites(Pass, Make, "Identity", "Identity");
        Assert.Equal(["k", "y"], model.Graph.Outputs.Select(output => output.Name));
    }

    [Fact]
    public void The_pipeline_folds_through_a_branch()
    {
        Model model = Build(true);
        PassPipeline.Float.Run(new PassContext(model, TargetProfile.CpuPortable));
        Assert.Equal(0, model.Graph.Count("If"));
        BitExact.SameAnswers(Build(true), model);
    }
}
