using System.Text;
using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes.Cleanup;
using ModelCompiler.Optimizer.Tests.Support;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Passes.Cleanup;

public sealed class ConstantNodesTests
{
    private static readonly ConstantNodes Pass = new();

    public static TheoryData<NodeAttribute, string> Forms => new()
    {
        { new NodeAttribute("value", Tensor.Create<float>([1f, 2f], 1, 2)), "Float[1,2]" },
        { new NodeAttribute("value_float", 1.5f), "Float[]" },
        { new NodeAttribute("value_floats", [1f, 2f, 3f]), "Float[3]" },
        { new NodeAttribute("value_int", 7L), "Int64[]" },
        { new NodeAttribute("value_ints", [7L, 8L]), "Int64[2]" },
        { new NodeAttribute("value_string", "a"), "String[]" },
        { new NodeAttribute("value_strings", ["a", "ä", ""]), "String[3]" },
    };

    [Theory]
    [MemberData(nameof(Forms))]
    public void Makes_an_initializer_of_every_form(NodeAttribute value, string type)
    {
        Model model = BitExact.Rewrites(Pass, () =>
        {
            var b = new GraphBuilder();
            b.Output("out", b.Input("in", 1));
            return b.Output("y", b.Op("Size", b.Op("Constant", [], value))).Output("z", b.Graph.Nodes.First!.Output).Model;
        }, "Identity", "Size");
        Assert.Equal(type, Assert.Single(model.Graph.Initializers).Initializer!.ToString());
    }

    [Fact]
    public void Keeps_the_bits_of_special_numbers()
    {
        var b = new GraphBuilder();
        b.Output("y", b.Op("Neg", b.Op("Constant", [], new NodeAttribute("value_floats", TestTensors.SpecialFloats))));
        GraphAssert.Apply(Pass, b.Model);
        Assert.Equal(TestTensors.SpecialFloats.Select(BitConverter.SingleToInt32Bits), b.Graph.Initializers.Single().Initializer!.Floats().Select(BitConverter.SingleToInt32Bits));
    }

    [Fact]
    public void Makes_strings_of_utf8_bytes()
    {
        var b = new GraphBuilder();
        b.Output("y", b.Op("Size", b.Op("Constant", [], new NodeAttribute("value_strings", ["ä"]))));
        GraphAssert.Apply(Pass, b.Model);
        Assert.Equal("ä", Encoding.UTF8.GetString(b.Graph.Initializers.Single().Initializer!.StringData[0].Span));
    }

    [Fact]
    public void Works_inside_subgraphs()
    {
        var b = new GraphBuilder();
        Value x = b.Input("x", 2);
        Graph Branch(string name, float value) => b.Subgraph(name, inner => inner.Output(name, inner.Op("Mul", x, inner.Op("Constant", [], new NodeAttribute("value_float", value)))));
        b.Output("y", b.Op("If", [b.Input("flag", ElementType.Bool)], new("then_branch", Branch("a", 2f)), new("else_branch", Branch("b", 3f))));
        GraphAssert.Apply(Pass, b.Model);
        Assert.Equal(0, b.Graph.Count("Constant"));
        Assert.All(b.Graph.AllGraphs().Skip(1), graph => Assert.Single(graph.Initializers));
    }
}
