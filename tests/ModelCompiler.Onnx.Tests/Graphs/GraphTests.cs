namespace ModelCompiler.Onnx.Tests.Graphs;

public sealed class GraphTests
{
    private static readonly TensorType Floats = new(ElementType.Float, Shape.Of(4));

    [Fact]
    public void Removes_an_output_of_a_node_and_moves_the_others_up()
    {
        var graph = new Graph("g");
        Node split = graph.AddNode("Split", [graph.AddInput("x", Floats)], ["a", "b", "c"]);
        graph.AddOutput(split.Outputs[2]);
        graph.RemoveOutput(split, 0);
        Assert.Equal(["b", "c"], split.Outputs.ToArray().Select(output => output.Name));
        Assert.Equal([0, 1], split.Outputs.ToArray().Select(output => output.ProducerIndex));
        Assert.Throws<InvalidOperationException>(() => graph.RemoveOutput(split, 1));
        // The name is free again.
        Assert.Equal("a", graph.AddInput("a", Floats).Name);
    }

    [Fact]
    public void Leaves_out_an_optional_output_and_drops_trailing_ones()
    {
        var graph = new Graph("g");
        Node node = graph.AddNode("LSTM", [graph.AddInput("x", Floats)], ["a", "b", "c"]);
        graph.AddOutput(node.Outputs[1]);
        graph.LeaveOutOutput(node, 0);
        graph.LeaveOutOutput(node, 2);
        Assert.Equal(["", "b"], node.Outputs.ToArray().Select(output => output.Name));
    }

    /// <summary>A branch inside a branch hands a value out that lies around both.</summary>
    [Fact]
    public void Releases_what_nested_subgraphs_captured_when_their_node_goes()
    {
        var graph = new Graph("g");
        Value x = graph.AddInput("x", Floats), flag = graph.AddInput("flag", new TensorType(ElementType.Bool, Shape.Scalar));
        var outer = new Graph("outer", graph);
        Node branch = graph.AddNode("If", [flag]);
        branch.Attributes.Set(new NodeAttribute("then_branch", outer));
        var inner = new Graph("inner", outer);
        Node nested = outer.AddNode("If", [flag]);
        nested.Attributes.Set(new NodeAttribute("then_branch", inner));
        inner.AddNode("Neg", [x]);
        inner.AddOutput(x);
        outer.AddOutput(nested.Output);
        Assert.False(x.IsUnused);
        graph.Remove(branch);
        Assert.True(x.IsUnused);
        Assert.True(flag.IsUnused);
    }
}
