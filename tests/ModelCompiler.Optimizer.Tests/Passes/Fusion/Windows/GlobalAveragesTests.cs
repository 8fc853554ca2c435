using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes.Fusion.Windows;
using ModelCompiler.Optimizer.Tests.Support;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Passes.Fusion.Windows;

public sealed class GlobalAveragesTests
{
    private static readonly GlobalAverages Pass = new();

    [Theory]
    [InlineData(13, 2L, 3L)]
    [InlineData(13, -1L, -2L)]
    [InlineData(18, 3L, 2L)]
    public void A_mean_of_all_positions_is_a_pool(int opset, params long[] axes) => FusionAssert.Fuses(Pass, () => Build(opset, axes, keeps: true), "GlobalAveragePool");

    [Theory]
    [InlineData(13)]
    [InlineData(18)]
    public void Without_its_dimensions_it_is_flattened(int opset) => FusionAssert.Fuses(Pass, () => Build(opset, [2, 3], keeps: false), "GlobalAveragePool", "Flatten");

    [Fact]
    public void Three_dimensions_too()
    {
        FusionAssert.Fuses(Pass, () =>
        {
            var b = new GraphBuilder(opset: 13);
            return b.Output("y", b.Op("ReduceMean", [b.Input("x", Dim.Named("N"), 3, 4, 5, 6)], new NodeAttribute("axes", [2L, 3, 4]))).Model;
        }, "GlobalAveragePool");
    }

    [Theory]
    [InlineData(1L, 2L)]
    [InlineData(3L)]
    [InlineData(1L, 2L, 3L)]
    [InlineData(0L, 2L, 3L)]
    public void Other_axes_are_left_alone(params long[] axes) => FusionAssert.LeavesAlone(Pass, Build(13, axes, keeps: true));

    [Fact]
    public void A_mean_of_tokens_is_left_alone()
    {
        var b = new GraphBuilder(opset: 13);
        FusionAssert.LeavesAlone(Pass, b.Output("y", b.Op("ReduceMean", [b.Input("x", 2, 7, 16)], new NodeAttribute("axes", [2L]))).Model);
    }

    [Fact]
    public void What_is_centered_by_it_stays()
    {
        var b = new GraphBuilder(opset: 13);
        Value x = b.Input("x", 2, 3, 5, 5), mean = b.Op("ReduceMean", [x], new NodeAttribute("axes", [2L, 3]));
        FusionAssert.Refuses(Pass, b.Output("y", b.Op("Sub", x, mean)).Model, "centered");
    }

    private static Model Build(int opset, long[] axes, bool keeps)
    {
        var b = new GraphBuilder(opset: opset);
        Value x = b.Input("x", Dim.Named("N"), 3, 5, 7);
        var keepdims = new NodeAttribute("keepdims", keeps ? 1L : 0);
        return b.Output("y", opset < 18 ? b.Op("ReduceMean", [x], new NodeAttribute("axes", axes), keepdims) : b.Op("ReduceMean", [x, b.Constant(axes)], keepdims)).Model;
    }
}
