using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes;
using ModelCompiler.Optimizer.Passes.Cleanup;
using ModelCompiler.Optimizer.Tests.Support;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Passes.Cleanup;

public sealed class DeadCodeTests
{
    private static readonly DeadCode Pass = new();

    [Fact]
    public void Removes_a_chain_that_leads_nowhere_with_its_constants()
    {
        Model model = BitExact.Rewrites(Pass, () =>
        {
            var b = new GraphBuilder();
            Value x = b.Input("x", 2);
            b.Op("Neg", b.Op("Mul", x, b.Constant([2f, 3f])));
            return b.Output("y", b.Op("Add", x, b.Constant([1f, 1f]))).Model;
        }, "Add");
        Assert.Single(model.Graph.Initializers);
    }

    [Fact]
    public void Keeps_inputs_that_nothing_reads()
    {
        var b = new GraphBuilder();
        b.Op("Neg", b.Input("unused", 2));
        b.Output("y", b.Op("Abs", b.Input("x", 2)));
        GraphAssert.Apply(Pass, b.Model);
        Assert.Equal(["unused", "x"], b.Graph.Inputs.Select(input => input.Name));
        Assert.Equal(["Abs"], b.Graph.Operators());
    }

    [Fact]
    public void Keeps_a_node_of_which_one_output_of_two_is_read()
    {
        var b = new GraphBuilder();
        Node split = b.Node("Split", [b.Input("x", 4)], 2);
        b.Output("y", split.Outputs[1]);
        BitExact.LeavesAlone(Pass, b.Model);
    }

    [Fact]
    public void Keeps_what_a_subgraph_captures_and_removes_what_only_a_dead_one_did()
    {
        var b = new GraphBuilder();
        Value x = b.Input("x", 2), flag = b.Input("flag", ElementType.Bool);
        Value captured = b.Op("Neg", x), captured2 = b.Op("Abs", x), handedOn = b.Op("Exp", x);
        b.Output("y", Choose(b, flag, inner => inner.Op("Mul", captured, x)));
        Choose(b, flag, inner => inner.Op("Add", captured2, x), handedOn);
        GraphAssert.Apply(Pass, b.Model);
        Assert.Equal(["Neg", "If"], b.Graph.Operators());
    }

    [Fact]
    public void Cleans_subgraphs()
    {
        var b = new GraphBuilder();
        Value x = b.Input("x", 2);
        b.Output("y", Choose(b, b.Input("flag", ElementType.Bool), inner =>
        {
            inner.Op("Exp", inner.Op("Mul", x, inner.Constant([5f, 5f])));
            return inner.Op("Neg", x);
        }));
        Graph branch = b.Graph.Nodes.First!.Attributes["then_branch"].Graph;
        GraphAssert.Apply(Pass, b.Model);
        Assert.Equal(["Neg"], branch.Operators());
        Assert.Empty(branch.Initializers);
    }

    [Fact]
    public void Keeps_a_node_without_outputs()
    {
        var b = new GraphBuilder();
        Value x = b.Input("x", 2);
        b.Node("Print", [x], 0, "custom");
        b.Output("y", b.Op("Neg", x));
        BitExact.LeavesAlone(Pass, b.Model);
    }

    [Fact]
    public void Stops_where_the_budget_of_changes_ends()
    {
        var b = new GraphBuilder();
        Value x = b.Input("x", 2);
        b.Op("Neg", x);
        b.Op("Abs", x);
        b.Output("y", b.Op("Exp", x));
        Pass.Apply(new PassContext(b.Model, Optimizer.Targets.TargetProfile.CpuPortable) { ChangeBudget = 1 });
        Assert.Equal(2, b.Graph.Nodes.Count);
    }

    /// <summary>An If of two branches that both compute <paramref name="body"/>, or hand <paramref name="other"/> on in the second.</summary>
    private static Value Choose(GraphBuilder b, Value flag, Func<GraphBuilder, Value> body, Value? other = null) => b.Op("If", [flag],
        new("then_branch", b.Subgraph("then", inner => inner.Output("then_y", body(inner)))),
        new("else_branch", b.Subgraph("else", inner => inner.Output("else_y", inner.Op("Identity", other ?? body(inner))))));
}
