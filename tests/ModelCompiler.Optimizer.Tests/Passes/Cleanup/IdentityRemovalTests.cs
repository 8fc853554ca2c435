using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes.Cleanup;
using ModelCompiler.Optimizer.Tests.Support;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Passes.Cleanup;

public sealed class IdentityRemovalTests
{
    private static readonly IdentityRemoval Pass = new();

    [Fact]
    public void Removes_a_chain_and_keeps_the_name_of_the_output()
    {
        Model model = BitExact.Rewrites(Pass, () =>
        {
            var b = new GraphBuilder();
            Value y = b.Op("Identity", b.Op("Neg", b.Op("Identity", b.Op("Identity", b.Input("x", 8)))));
            return b.Output("y", y).Model;
        }, "Neg");
        Assert.Equal("y", model.Graph.Outputs.Single().Name);
    }

    [Fact]
    public void Keeps_one_that_gives_an_input_the_name_of_an_output_and_lets_others_read_past_it()
    {
        Model model = BitExact.Rewrites(Pass, () =>
        {
            var b = new GraphBuilder();
            Value y = b.Op("Identity", b.Input("x", 8));
            return b.Output("y", y).Output("z", b.Op("Neg", y)).Model;
        }, "Identity", "Neg");
        Assert.Same(model.Graph.Inputs.Single(), model.Graph.Nodes.Last!.Input(0));
    }

    [Fact]
    public void Keeps_one_between_two_outputs()
    {
        var b = new GraphBuilder();
        Value y = b.Op("Neg", b.Input("x", 8));
        b.Output("y", y).Output("z", b.Op("Identity", y));
        BitExact.LeavesAlone(Pass, b.Model);
    }

    [Fact]
    public void Keeps_one_that_hands_a_captured_value_out_of_a_branch()
    {
        var b = new GraphBuilder();
        Value x = b.Op("Neg", b.Input("x", 2));
        Graph Branch(string name) => b.Subgraph(name, inner => inner.Output(name, inner.Op("Identity", x)));
        b.Output("y", b.Op("If", [b.Input("flag", ElementType.Bool)], new("then_branch", Branch("a")), new("else_branch", Branch("b"))));
        BitExact.LeavesAlone(Pass, b.Model);
    }

    [Fact]
    public void Reads_past_one_inside_a_loop()
    {
        BitExact.Rewrites(Pass, () =>
        {
            var b = new GraphBuilder();
            Value x = b.Input("x", 2);
            Graph body = b.Subgraph("body", inner =>
            {
                inner.Input("i", ElementType.Int64);
                Value condition = inner.Input("condition", ElementType.Bool), state = inner.Input("state", 2);
                inner.Output("again", inner.Op("Identity", condition)).Output("next", inner.Op("Add", inner.Op("Identity", state), inner.Op("Identity", x)));
            });
            return b.Output("y", b.Op("Loop", [b.Scalar(3L), b.Scalar(true), x], new NodeAttribute("body", body))).Model;
        }, "Loop");
    }
}
