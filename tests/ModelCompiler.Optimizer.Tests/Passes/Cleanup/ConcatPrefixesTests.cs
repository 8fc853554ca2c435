using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes.Cleanup;
using ModelCompiler.Optimizer.Tests.Support;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Passes.Cleanup;

public sealed class ConcatPrefixesTests
{
    private static readonly ConcatPrefixes Pass = new();

    private static Value Concat(GraphBuilder b, long axis, params ReadOnlySpan<Value?> inputs) => b.Op("Concat", inputs, new NodeAttribute("axis", axis));

    [Fact]
    public void Reads_the_longest_concatenation_that_it_begins_with()
    {
        Model model = BitExact.Rewrites(Pass, () =>
        {
            var b = new GraphBuilder();
            Value x = b.Input("x", 2, 3), u = b.Input("u", 2, 1), v = b.Input("v", 2, 2);
            b.Output("p", Concat(b, 1, x, u)).Output("q", Concat(b, -1, x, u, v));
            return b.Output("y", Concat(b, 1, x, u, v, x)).Output("z", Concat(b, 1, x, u, x)).Model;
        }, "Concat", "Concat", "Concat", "Concat");
        Assert.Equal(["x u", "p v", "q x", "p x"], model.Graph.Nodes.Select(node => string.Join(' ', node.Inputs.ToArray().Select(input => input!.Name))));
    }

    [Fact]
    public void Leaves_other_axes_other_orders_sizes_and_what_only_comes_later()
    {
        var b = new GraphBuilder();
        Value x = b.Input("x", 2, 2), u = b.Input("u", 2, 2), size = b.Input("n", ElementType.Int64, 1);
        b.Output("long", Concat(b, 1, x, u, x, x)).Output("short", Concat(b, 1, x, u)).Output("turned", Concat(b, 1, u, x, x)).Output("down", Concat(b, 0, x, u, u));
        b.Output("size", Concat(b, 0, size, size)).Output("sizes", Concat(b, 0, size, size, size));
        BitExact.LeavesAlone(Pass, b.Model);
    }

    [Fact]
    public void Leaves_what_nobody_reads()
    {
        var b = new GraphBuilder();
        Value x = b.Input("x", 2, 2), u = b.Input("u", 2, 2);
        Concat(b, 1, x, u);
        b.Output("y", Concat(b, 1, x, u, u));
        BitExact.LeavesAlone(Pass, b.Model);
    }
}
