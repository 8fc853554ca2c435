using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes.Cleanup;
using ModelCompiler.Optimizer.Tests.Support;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Passes.Cleanup;

public sealed class UnusedOutputsTests
{
    private static readonly UnusedOutputs Pass = new();

    [Fact]
    public void Takes_off_trailing_outputs()
    {
        Model model = BitExact.Rewrites(Pass, () =>
        {
            var b = new GraphBuilder();
            return b.Output("y", b.Node("Dropout", [b.Input("x", 16)], 2).Outputs[0]).Model;
        }, "Dropout");
        Assert.Single(model.Graph.Nodes.First!.Outputs.ToArray());
    }

    [Fact]
    public void Leaves_out_the_ones_before_one_that_is_read()
    {
        Model model = BitExact.Rewrites(Pass, () =>
        {
            var b = new GraphBuilder();
            Node lstm = b.Node("LSTM", [b.Input("x", 3, 1, 2), b.Weights(1, 1, 8, 2), b.Weights(2, 1, 8, 2)], 3, "", new NodeAttribute("hidden_size", 2L));
            return b.Output("h", lstm.Outputs[1]).Model;
        }, "LSTM");
        Assert.Equal(["", "h"], model.Graph.Nodes.First!.Outputs.ToArray().Select(output => output.Name));
    }

    [Theory]
    [InlineData("Split")]
    [InlineData("TopK")]
    public void Leaves_outputs_that_are_not_optional(string op)
    {
        var b = new GraphBuilder();
        Value x = b.Input("x", 4);
        b.Output("y", (op == "Split" ? b.Node(op, [x], 2) : b.Node(op, [x, b.Constant([2L])], 2)).Outputs[0]);
        BitExact.LeavesAlone(Pass, b.Model);
    }

    [Fact]
    public void Leaves_the_indices_of_a_pool_whose_kernel_without_them_treats_NaN_in_another_way()
    {
        var b = new GraphBuilder();
        b.Output("y", b.Node("MaxPool", [b.Input("x", 1, 1, 4, 4)], 2, "", new NodeAttribute("kernel_shape", [2L, 2])).Outputs[0]);
        BitExact.LeavesAlone(Pass, b.Model);
    }

    [Fact]
    public void Takes_the_output_of_a_branch_with_that_of_its_If()
    {
        Model Build()
        {
            var b = new GraphBuilder();
            Value x = b.Input("x", 4);
            Graph Branch(string name) => b.Subgraph(name, inner => inner.Output(name + "0", inner.Op("Exp", x)).Output(name + "1", inner.Op("Neg", x)));
            Node choice = b.Node("If", [b.Input("flag", ElementType.Bool)], 2, "", new("then_branch", Branch("a")), new("else_branch", Branch("b")));
            return b.Output("y", choice.Outputs[1]).Model;
        }
        Model model = BitExact.Rewrites(Pass, Build, "If");
        GraphAssert.Apply(new DeadCode(), model);
        Assert.Equal(0, model.Graph.Count("Exp"));
        Assert.Equal(2, model.Graph.Count("Neg"));
        BitExact.SameAnswers(Build(), model);
    }

    [Fact]
    public void Takes_what_a_loop_scans_but_not_its_state()
    {
        Model Build()
        {
            var b = new GraphBuilder();
            Value x = b.Input("x", 2);
            Graph body = b.Subgraph("body", inner =>
            {
                inner.Input("i", ElementType.Int64);
                Value again = inner.Input("again_in", ElementType.Bool), state = inner.Input("state", 2);
                Value next = inner.Op("Add", state, x);
                inner.Output("again", inner.Op("Identity", again)).Output("next", next).Output("scan0", inner.Op("Exp", next)).Output("scan1", inner.Op("Neg", next));
            });
            Node loop = b.Node("Loop", [b.Scalar(3L), b.Scalar(true), x], 3, "", new NodeAttribute("body", body));
            return b.Output("y", loop.Outputs[2]).Model;
        }
        Model model = BitExact.Rewrites(Pass, Build, "Loop");
        Assert.Equal(2, model.Graph.Nodes.First!.Outputs.Length);
        GraphAssert.Apply(new DeadCode(), model);
        Assert.Equal(0, model.Graph.Count("Exp"));
        BitExact.SameAnswers(Build(), model);
    }
}
