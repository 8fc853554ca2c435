using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes.Cleanup;
using ModelCompiler.Optimizer.Tests.Support;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Passes.Cleanup;

public sealed class CommonSubexpressionsTests
{
    private static readonly CommonSubexpressions Pass = new();

    [Fact]
    public void Merges_a_tree_that_is_computed_twice()
    {
        BitExact.Rewrites(Pass, () =>
        {
            var b = new GraphBuilder();
            Value x = b.Input("x", 16), c = b.Scalar(2f);
            Value Tree() => b.Op("Exp", b.Op("Mul", b.Op("Neg", x), c));
            return b.Output("y", b.Op("Sub", Tree(), Tree())).Model;
        }, "Neg", "Mul", "Exp", "Sub");
    }

    [Theory]
    [InlineData("Add")]
    [InlineData("Mul")]
    public void Swaps_operands_where_the_order_does_not_matter(string op)
    {
        BitExact.Rewrites(Pass, () => Swapped(op), op, "Div");
    }

    [Theory]
    [InlineData("Sub")]
    [InlineData("Div")]
    [InlineData("Max")]
    [InlineData("Min")]
    [InlineData("Pow")]
    public void Keeps_the_order_where_it_matters(string op) => BitExact.LeavesAlone(Pass, Swapped(op));

    private static Model Swapped(string op)
    {
        var b = new GraphBuilder();
        Value x = b.Input("x", 16), u = b.Input("u", 16);
        return b.Output("y", b.Op("Div", b.Op(op, x, u), b.Op(op, u, x))).Model;
    }

    [Fact]
    public void Tells_attributes_apart()
    {
        var b = new GraphBuilder();
        Value x = b.Input("x", 4, 4);
        b.Output("y", b.Op("Softmax", [x], new NodeAttribute("axis", 0L))).Output("z", b.Op("Softmax", [x], new NodeAttribute("axis", 1L)));
        b.Output("u", b.Op("LeakyRelu", [x], new NodeAttribute("alpha", 0f))).Output("v", b.Op("LeakyRelu", [x], new NodeAttribute("alpha", -0f)));
        b.Output("w", b.Op("Elu", [x])).Output("q", b.Op("Elu", [x], new NodeAttribute("alpha", 1f)));
        BitExact.LeavesAlone(Pass, b.Model);
    }

    [Fact]
    public void Never_merges_random_numbers()
    {
        var b = new GraphBuilder();
        Value x = b.Input("x", 4);
        b.Output("y", b.Op("Sub", b.Op("RandomNormalLike", x), b.Op("RandomNormalLike", x)));
        BitExact.LeavesAlone(Pass, b.Model);
    }

    [Fact]
    public void Keeps_the_names_of_two_outputs()
    {
        Model model = BitExact.Rewrites(Pass, () =>
        {
            var b = new GraphBuilder();
            Value x = b.Input("x", 4);
            return b.Output("y", b.Op("Exp", x)).Output("z", b.Op("Exp", x)).Model;
        }, "Exp", "Identity");
        Assert.Equal(["y", "z"], model.Graph.Outputs.Select(output => output.Name));
    }

    [Fact]
    public void Merges_nodes_of_several_outputs()
    {
        BitExact.Rewrites(Pass, () =>
        {
            var b = new GraphBuilder();
            Value x = b.Input("x", 4);
            Node first = b.Node("Split", [x], 2), second = b.Node("Split", [x], 2);
            return b.Output("y", b.Op("Sub", first.Outputs[0], second.Outputs[1])).Model;
        }, "Split", "Sub");
    }

    [Fact]
    public void Leaves_a_node_that_has_an_output_which_the_first_left_out()
    {
        var b = new GraphBuilder();
        Value x = b.Input("x", 1, 1, 4, 4);
        NodeAttribute kernel = new("kernel_shape", [2L, 2]);
        b.Output("y", b.Node("MaxPool", [x], 1, "", kernel).Outputs[0]);
        Node second = b.Node("MaxPool", [x], 2, "", kernel);
        b.Output("z", second.Outputs[0]).Output("indices", second.Outputs[1]);
        BitExact.LeavesAlone(Pass, b.Model);
    }

    [Fact]
    public void A_branch_uses_what_was_computed_before_it_but_not_what_comes_after_nor_its_sibling()
    {
        Model Build()
        {
            var b = new GraphBuilder();
            Value x = b.Input("x", 4), before = b.Op("Exp", x);
            Graph Branch(string name) => b.Subgraph(name, inner =>
                inner.Output(name, inner.Op("Add", inner.Op("Exp", x), inner.Op("Add", inner.Op("Sin", x), inner.Op("Cos", x)))));
            Value y = b.Op("If", [b.Input("flag", ElementType.Bool)], new("then_branch", Branch("a")), new("else_branch", Branch("b")));
            return b.Output("y", b.Op("Add", y, b.Op("Add", before, b.Op("Sin", x)))).Model;
        }
        Model model = Build();
        GraphAssert.Apply(Pass, model);
        Assert.Equal(1, model.Graph.Count("Exp"));
        Assert.Equal(3, model.Graph.Count("Sin"));
        Assert.Equal(2, model.Graph.Count("Cos"));
        BitExact.SameAnswers(Build(), model);
        GraphAssert.SecondRunChangesNothing(Pass, model);
    }
}
