using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes.Cleanup;
using ModelCompiler.Optimizer.Tests.Passes.Fusion;
using ModelCompiler.Optimizer.Tests.Support;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Passes.Cleanup;

public sealed class WholeWindowsTests
{
    private static readonly WholeWindows Pass = new();

    [Theory]
    [InlineData("AveragePool", 8, 2, 2, 0, 1)]
    [InlineData("AveragePool", 7, 3, 2, 0, 1)]
    [InlineData("AveragePool", 9, 3, 2, 1, 1)]
    [InlineData("MaxPool", 10, 3, 3, 1, 1)]
    [InlineData("MaxPool", 9, 3, 2, 0, 2)]
    [InlineData("MaxPool", 5, 5, 1, 0, 1)]
    public void What_fits_rounds_nothing(string pool, int size, int window, int stride, int pad, int dilation) =>
        FusionAssert.Fuses(Pass, () => Build(pool, size, window, stride, pad, dilation), pool);

    [Theory]
    [InlineData("AveragePool", 7, 2, 2, 0, 1)]
    [InlineData("MaxPool", 8, 3, 2, 0, 1)]
    [InlineData("MaxPool", 8, 3, 2, 0, 2)]
    public void What_goes_beyond_the_end_stays(string pool, int size, int window, int stride, int pad, int dilation) =>
        FusionAssert.Refuses(Pass, Build(pool, size, window, stride, pad, dilation), "beyond the end");

    [Fact]
    public void What_is_open_stays() => FusionAssert.Refuses(Pass, Build("MaxPool", Dim.Named("H"), 2, 2, 0, 1), "not known");

    [Fact]
    public void A_pool_that_rounds_down_is_left_alone()
    {
        var b = new GraphBuilder();
        FusionAssert.LeavesAlone(Pass, b.Output("y", b.Op("MaxPool", [b.Input("x", 1, 2, 8, 8)], new NodeAttribute("kernel_shape", [2L, 2]))).Model);
    }

    private static Model Build(string pool, Dim size, long window, long stride, long pad, long dilation)
    {
        var b = new GraphBuilder(opset: 19);
        NodeAttribute[] attributes =
        [
            new("kernel_shape", [window, window]), new("strides", [stride, stride]), new("pads", [pad, pad, pad, pad]), new("dilations", [dilation, dilation]), new("ceil_mode", 1L),
        ];
        return b.Output("y", b.Op(pool, [b.Input("x", 2, 3, size, size)], attributes)).Model;
    }
}
