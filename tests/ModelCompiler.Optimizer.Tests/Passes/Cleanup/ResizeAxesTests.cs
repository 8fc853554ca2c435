using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes.Cleanup;
using ModelCompiler.Optimizer.Tests.Passes.Fusion;
using ModelCompiler.Optimizer.Tests.Support;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Passes.Cleanup;

public sealed class ResizeAxesTests
{
    private static readonly ResizeAxes Pass = new();

    [Theory]
    [InlineData(2L, 3L)]
    [InlineData(-1L, -2L)]
    public void Sizes_of_some_axes_become_those_of_all(long first, long second) =>
        FusionAssert.Fuses(Pass, () => Build(1, sizes: [7, 5], axes: [first, second]), "Resize");

    [Fact]
    public void Scales_of_some_axes_become_those_of_all() =>
        FusionAssert.Fuses(Pass, () => Build(Dim.Named("N"), scales: [1.7f, 0.6f], axes: [3, 2]), "Resize");

    [Fact]
    public void What_is_open_keeps_its_size() =>
        FusionAssert.Fuses(Pass, () => Build(Dim.Named("N"), sizes: [7, 5], axes: [2, 3]), "Shape", "Concat", "Resize");

    [Fact]
    public void Refuses_what_it_does_not_know()
    {
        FusionAssert.Refuses(Pass, Build(Dim.Named("N"), sizes: [7, 5], axes: [3, 2]), "not known");
        FusionAssert.Refuses(Pass, Build(1, sizes: [7, 5], axes: [2, 3], new NodeAttribute("keep_aspect_ratio_policy", "not_larger")), "ratio");
    }

    [Fact]
    public void Leaves_what_names_all_of_them_alone()
    {
        var b = new GraphBuilder(opset: 18);
        FusionAssert.LeavesAlone(Pass, b.Output("y", b.Op("Resize", [b.Input("x", 1, 2, 3, 4), null, b.Constant([1f, 1, 2, 2])])).Model);
    }

    private static Model Build(Dim batch, long[] sizes, long[] axes, params NodeAttribute[] more)
    {
        var b = new GraphBuilder(opset: 18);
        return b.Output("y", b.Op("Resize", [b.Input("x", batch, 2, 5, 6), null, null, b.Constant(sizes)], [new NodeAttribute("axes", axes), new NodeAttribute("mode", "linear"), .. more])).Model;
    }

    private static Model Build(Dim batch, float[] scales, long[] axes)
    {
        var b = new GraphBuilder(opset: 18);
        return b.Output("y", b.Op("Resize", [b.Input("x", batch, 2, 5, 6), null, b.Constant(scales)], new NodeAttribute("axes", axes))).Model;
    }
}
