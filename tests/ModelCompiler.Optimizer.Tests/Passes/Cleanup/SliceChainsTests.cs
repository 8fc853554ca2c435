using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes.Cleanup;
using ModelCompiler.Optimizer.Tests.Support;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Passes.Cleanup;

public sealed class SliceChainsTests
{
    private static readonly SliceChains Pass = new();

    private static Model Build(params (long[] Starts, long[] Ends, long[] Axes, long[] Steps)[] slices)
    {
        var b = new GraphBuilder();
        Value x = b.Input("x", 6, 7, 8);
        foreach ((long[] starts, long[] ends, long[] axes, long[] steps) in slices)
            x = b.Op("Slice", x, b.Constant(starts), b.Constant(ends), b.Constant(axes), b.Constant(steps));
        return b.Output("y", x).Model;
    }

    [Fact]
    public void Merges_slices_of_different_axes_however_they_go()
    {
        BitExact.Rewrites(Pass, () => Build(([1], [5], [0], [2]), ([-1], [long.MinValue], [-1], [-1]), ([-3], [-1], [1], [1])), "Slice");
    }

    [Theory]
    [InlineData(1, 5, 1, 3)]
    [InlineData(0, 100, 2, 4)]
    [InlineData(2, long.MaxValue, 1, long.MaxValue)]
    [InlineData(4, 2, 0, 3)]
    [InlineData(3, 6, 5, 9)]
    public void Merges_slices_of_one_axis(long start1, long end1, long start2, long end2)
    {
        BitExact.Rewrites(Pass, () => Build(([start1], [end1], [2], [1]), ([start2], [end2], [2], [1])), "Slice");
    }

    [Theory]
    [InlineData(-5, 8, 1, 3, 1, 1)]
    [InlineData(1, -1, 1, 3, 1, 1)]
    [InlineData(0, 8, 1, 3, 2, 1)]
    [InlineData(0, 8, 3, 1, 1, -1)]
    public void Refuses_slices_of_one_axis_from_the_back_or_by_steps(long start1, long end1, long start2, long end2, long step1, long step2) =>
        GraphAssert.Refuses(Pass, Build(([start1], [end1], [2], [step1]), ([start2], [end2], [2], [step2])), "both slice axis 2");

    [Fact]
    public void Refuses_where_the_first_is_read_elsewhere()
    {
        Model model = Build(([1], [5], [0], [1]), ([1], [3], [1], [1]));
        model.Graph.AddOutput(model.Graph.Nodes.First!.Output);
        GraphAssert.Refuses(Pass, model, "read elsewhere");
    }

    [Fact]
    public void Refuses_computed_positions()
    {
        var b = new GraphBuilder();
        Value x = b.Op("Slice", b.Input("x", 6), b.Input("start", ElementType.Int64, 1), b.Constant([5L]));
        b.Output("y", b.Op("Slice", x, b.Constant([0L]), b.Constant([2L])));
        GraphAssert.Refuses(Pass, b.Model, "not constant");
    }
}
