using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes.Cleanup;
using ModelCompiler.Optimizer.Tests.Support;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Passes.Cleanup;

public sealed class ConcatChainsTests
{
    private static readonly ConcatChains Pass = new();

    private static Value Concat(GraphBuilder b, long axis, params ReadOnlySpan<Value?> inputs) => b.Op("Concat", inputs, new NodeAttribute("axis", axis));

    [Fact]
    public void Merges_concatenations_along_one_axis_however_it_is_counted()
    {
        Model model = BitExact.Rewrites(Pass, () =>
        {
            var b = new GraphBuilder();
            Value x = b.Input("x", 2, 3), u = b.Input("u", 2, 1);
            return b.Output("y", Concat(b, 1, u, Concat(b, -1, x, Concat(b, 1, u, x)), x)).Model;
        }, "Concat");
        Assert.Equal(["u", "x", "u", "x", "x"], model.Graph.Nodes.First!.Inputs.ToArray().Select(input => input!.Name));
    }

    [Fact]
    public void Leaves_out_inputs_without_elements()
    {
        Model model = BitExact.Rewrites(Pass, () =>
        {
            var b = new GraphBuilder();
            return b.Output("y", Concat(b, 0, b.Input("past", ElementType.Float, 0, 3), b.Input("x", 2, 3), b.Constant(Array.Empty<float>(), 0, 3))).Model;
        }, "Concat");
        Assert.Equal(["x"], model.Graph.Nodes.First!.Inputs.ToArray().Select(input => input!.Name));
    }

    [Fact]
    public void Leaves_other_axes_values_that_are_read_elsewhere_and_nothing_but_empty_inputs()
    {
        var b = new GraphBuilder();
        Value x = b.Input("x", 2, 3), empty = b.Input("empty", ElementType.Float, 0, 3);
        Value first = Concat(b, 0, x, x);
        b.Output("first", first).Output("y", Concat(b, 0, first, x)).Output("z", Concat(b, 1, Concat(b, 0, x, x), b.Op("Neg", first)));
        b.Output("e", Concat(b, 0, empty));
        BitExact.LeavesAlone(Pass, b.Model);
    }

    [Fact]
    public void Leaves_an_input_of_open_size_that_may_be_empty()
    {
        var b = new GraphBuilder();
        b.Output("y", Concat(b, 0, b.Input("past", Dim.Named("n"), 3), b.Input("x", 2, 3)));
        BitExact.LeavesAlone(Pass, b.Model);
    }
}
