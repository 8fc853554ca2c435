namespace ModelCompiler.Onnx.Tests.Graphs;

public sealed class GraphInliningTests
{
    private static readonly TensorType Floats = new(ElementType.Float, Shape.Of(4));

    [Fact]
    public void Copies_the_body_with_arguments_for_its_inputs_and_what_it_captures()
    {
        var graph = new Graph("g");
        Value x = graph.AddInput("x", Floats), u = graph.AddInput("u", Floats);
        Node loop = graph.AddNode("Loop", [], name: "loop");
        var body = new Graph("body", graph);
        loop.Attributes.Set(new NodeAttribute("body", body));
        Value state = body.AddInput("state", Floats), two = body.AddInitializer("two", Tensor.Scalar(2f));
        Node sum = body.AddNode("Add", [state, x], name: "sum"), product = body.AddNode("Mul", [sum.Output, two]);
        body.AddOutput(product.Output);
        body.AddOutput(state);
        body.AddOutput(x);

        IReadOnlyList<Value> results = graph.Inline(body, [u], loop);

        Assert.Equal(["Add", "Mul", "Loop"], graph.Nodes.Select(node => node.OpType));
        Node copy = graph.Nodes.First!;
        Assert.Equal([u, x], copy.Inputs.ToArray());
        Assert.Equal([copy.Next!.Output, u, x], results);
        Assert.Same(graph, copy.Output.Graph);
        Assert.NotSame(two, copy.Next.Input(1));
        Assert.Equal(2, body.Nodes.Count);
        Assert.Throws<ArgumentOutOfRangeException>(() => graph.Inline(body, [], loop));
    }

    [Fact]
    public void Copies_subgraphs_of_the_body()
    {
        var graph = new Graph("g");
        Value flag = graph.AddInput("flag", new TensorType(ElementType.Bool, Shape.Scalar));
        Node outer = graph.AddNode("If", [flag]);
        var body = new Graph("body", graph);
        outer.Attributes.Set(new NodeAttribute("then_branch", body));
        Value own = body.AddNode("Neg", [flag]).Output;
        Node nested = body.AddNode("If", [flag]);
        var branch = new Graph("branch", body);
        nested.Attributes.Set(new NodeAttribute("then_branch", branch));
        branch.AddOutput(branch.AddNode("Abs", [own]).Output);

        graph.Inline(body, [], outer);
        graph.Remove(outer);

        Node copy = graph.Nodes.Last!;
        Graph copied = copy.Subgraphs.Single();
        Assert.NotSame(branch, copied);
        Assert.Same(copy, copied.OwnerNode);
        Assert.Same(graph.Nodes.First!.Output, copied.Nodes.First!.Input(0));
        Assert.Equal(2, flag.Uses.Count);
    }
}
