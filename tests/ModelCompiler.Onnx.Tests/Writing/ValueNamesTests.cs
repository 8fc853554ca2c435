using ModelCompiler.Onnx.Protos;

namespace ModelCompiler.Onnx.Tests.Writing;

public class ValueNamesTests
{
    [Fact]
    public void A_subgraph_made_apart_does_not_shadow_the_names_around_it()
    {
        var graph = new Graph("main");
        var model = new Model(graph) { Opsets = { [""] = 17 } };
        Value x = graph.AddInput("x", new TensorType(ElementType.Float, Shape.Of(2)));
        Value condition = graph.AddInput("c", new TensorType(ElementType.Bool, Shape.Scalar));
        Node node = graph.AddNode("If", [condition], ["y"]);
        foreach (string branch in (string[])["then_branch", "else_branch"])
        {
            // Not told of the graph around it, so its names clash with the outer ones.
            var inner = new Graph(branch);
            inner.AddOutput(inner.AddNode("Neg", [x], ["x"]).Output);
            node.Attributes.Set(new NodeAttribute(branch, inner));
        }
        graph.AddOutput(node.Output);

        ModelProto written = ModelProto.Parser.ParseFrom(OnnxWriter.ToBytes(model));
        Assert.Equal(["x", "c"], written.Graph.Input.Select(v => v.Name));
        GraphProto[] branches = [.. written.Graph.Node[0].Attribute.Select(a => a.G)];
        Assert.All(branches, b => Assert.Equal("x", b.Node[0].Input[0]));
        string[] names = [.. branches.Select(b => b.Node[0].Output[0])];
        Assert.Equal(names, branches.Select(b => b.Output[0].Name));
        Assert.Equal(["x_1", "x_2"], names);
    }
}
