using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Signature;
using ModelCompiler.Optimizer.Tests.Support;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Signature;

public sealed class OutputSelectionTests
{
    private static Model TwoHeads()
    {
        var b = new GraphBuilder();
        Value shared = b.Op("Exp", b.Input("x", 4));
        b.Output("a", b.Op("Neg", shared));
        b.Output("b", b.Op("Add", shared, b.Input("bias", 4)));
        return b.Model;
    }

    [Fact]
    public void Cuts_the_rest_of_the_graph_and_reports_inputs_that_go()
    {
        Model model = TwoHeads();
        Assert.Equal(["bias"], OutputSelection.Apply(model, ["a"]));
        Assert.Equal(["a"], model.Graph.Outputs.Select(output => output.Name));
        Assert.Equal(["x"], model.Graph.Inputs.Select(input => input.Name));
        Assert.Equal(["Exp", "Neg"], model.Graph.Operators());
        BitExact.AreSame(BitExact.Run(TwoHeads())[0], BitExact.Run(model)[0], "a");
    }

    [Fact]
    public void Keeps_the_order_in_which_they_are_named()
    {
        Model model = TwoHeads();
        Assert.Empty(OutputSelection.Apply(model, ["b", "a", "b"]));
        Assert.Equal(["b", "a"], model.Graph.Outputs.Select(output => output.Name));
    }

    [Fact]
    public void Takes_a_tensor_inside_the_graph()
    {
        Model model = TwoHeads();
        string inner = model.Graph.Nodes.First!.Output.Name;
        Assert.Equal(["bias"], OutputSelection.Apply(model, [inner]));
        Assert.Equal(["Exp"], model.Graph.Operators());
    }

    [Fact]
    public void Names_the_outputs_that_there_are_when_one_is_not()
    {
        var e = Assert.Throws<CompilerException>(() => OutputSelection.Apply(TwoHeads(), ["a", "logits"]));
        Assert.Equal("OM2301", e.Code);
        Assert.Contains("'logits'", e.Message, StringComparison.Ordinal);
        Assert.Contains("'a', 'b'", e.Message, StringComparison.Ordinal);
        Assert.Equal("OM2303", Assert.Throws<CompilerException>(() => OutputSelection.Apply(TwoHeads(), [])).Code);
    }
}
