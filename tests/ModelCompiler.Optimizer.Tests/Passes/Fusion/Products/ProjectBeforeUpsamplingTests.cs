using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes.Fusion.Products;
using ModelCompiler.Optimizer.Tests.Support;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Passes.Fusion.Products;

public sealed class ProjectBeforeUpsamplingTests
{
    private static readonly ProjectBeforeUpsampling Pass = new();

    [Theory]
    [InlineData("linear", "half_pixel")]
    [InlineData("linear", "align_corners")]
    [InlineData("nearest", "asymmetric")]
    [InlineData("cubic", "pytorch_half_pixel")]
    public void Moves_the_convolution_before_the_enlargement(string mode, string coordinates)
    {
        Model Scales()
        {
            var b = new GraphBuilder();
            Value x = b.Op("Resize", [b.Input("x", Dim.Named("n"), 8, 5, 6), null, b.Constant([1f, 1, 2, 3])], new("mode", mode), new("coordinate_transformation_mode", coordinates));
            return b.Output("y", b.Op("Relu", b.Op("Conv", x, b.Weights(1, 4, 8, 1, 1), b.Weights(2, 4)))).Model;
        }
        Model Sizes()
        {
            var b = new GraphBuilder();
            Value x = b.Op("Resize", [b.Input("x", 2, 8, 5, 6), null, null, b.Constant([2L, 8, 5, 13])], new("mode", mode), new("coordinate_transformation_mode", coordinates));
            return b.Output("y", b.Op("Conv", x, b.Weights(1, 4, 8, 1, 1), b.Weights(2, 4))).Model;
        }
        FusionAssert.Fuses(Pass, Scales, "Conv", "Resize", "Relu");
        FusionAssert.Fuses(Pass, Sizes, "Conv", "Resize");
    }

    [Fact]
    public void Leaves_reductions_wide_projections_and_windows_alone()
    {
        var b = new GraphBuilder();
        Value x = b.Input("x", 1, 8, 6, 6);
        b.Output("smaller", b.Op("Conv", Resized(b, x, 0.5f), b.Weights(1, 4, 8, 1, 1)));
        b.Output("wider", b.Op("Conv", Resized(b, x, 2), b.Weights(1, 16, 8, 1, 1)));
        b.Output("window", b.Op("Conv", Resized(b, x, 2), b.Weights(1, 4, 8, 3, 3)));
        b.Output("strides", b.Op("Conv", [Resized(b, x, 2), b.Weights(1, 4, 8, 1, 1)], new NodeAttribute("strides", [2L, 2])));
        b.Output("groups", b.Op("Conv", [Resized(b, x, 2), b.Weights(1, 8, 1, 1, 1)], new NodeAttribute("group", 8L)));
        FusionAssert.LeavesAlone(Pass, b.Model);
    }

    [Fact]
    public void Refuses_pixels_from_outside_and_other_readers()
    {
        var b = new GraphBuilder();
        Value x = b.Op("Resize", [b.Input("x", 1, 8, 6, 6), b.Constant([0f, 0, 0, 0, 1, 1, 1, 1]), b.Constant([1f, 1, 2, 2])], new NodeAttribute("coordinate_transformation_mode", "tf_crop_and_resize"));
        FusionAssert.Refuses(Pass, b.Output("y", b.Op("Conv", x, b.Weights(1, 4, 8, 1, 1))).Model, "pixels of its own");

        var c = new GraphBuilder();
        Value z = Resized(c, c.Input("x", 1, 8, 6, 6), 2);
        c.Output("y", c.Op("Conv", z, c.Weights(1, 4, 8, 1, 1))).Output("z", z);
        FusionAssert.Refuses(Pass, c.Model, "also an output");
    }

    private static Value Resized(GraphBuilder b, Value x, float scale) => b.Op("Resize", [x, null, b.Constant([1f, 1, scale, scale])], new NodeAttribute("mode", "linear"));
}
