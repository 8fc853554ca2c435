using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes.Quantization;
using ModelCompiler.Optimizer.Tests.Passes.Fusion;
using ModelCompiler.Optimizer.Tests.Quantization;
using ModelCompiler.Optimizer.Tests.Support;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Passes.Quantization;

public sealed class SubpixelConvolutionTests
{
    private static readonly SubpixelConvolution Pass = new();

    [Theory]
    [InlineData(2, 2, 0, 0, 0)]
    [InlineData(4, 2, 1, 1, 0)]
    [InlineData(3, 2, 1, 1, 1)]
    [InlineData(3, 2, 0, 1, 0)]
    [InlineData(3, 3, 0, 0, 0)]
    [InlineData(5, 2, 2, 2, 1)]
    [InlineData(7, 4, 3, 0, 0)]
    public void Gives_the_same_numbers(int taps, int stride, int before, int after, int added)
    {
        Model model = Build(taps, stride, before, after, added), rewritten = model.Clone();
        rewritten.InferTypes();
        GraphAssert.Apply(Pass, rewritten);
        Assert.Equal(["Conv", "Transpose", "Reshape", "Transpose", "Reshape", "Transpose"], rewritten.Graph.Operators());
        SameAnswers.Assert(model, rewritten);
    }

    [Fact]
    public void Pictures_of_open_size_too()
    {
        var b = new GraphBuilder();
        Model model = b.Output("y", b.Op("ConvTranspose", [b.Input("x", Dim.Named("n"), 4, Dim.Named("h"), Dim.Named("w")), b.Weights(1, 4, 3, 2, 2)], new NodeAttribute("strides", [2L, 2]))).Model;
        Model rewritten = model.Clone();
        rewritten.InferTypes();
        GraphAssert.Apply(Pass, rewritten);
        Assert.DoesNotContain("ConvTranspose", rewritten.Graph.Operators());
        SameAnswers.Assert(model, rewritten);
    }

    [Theory]
    [InlineData(3, 2, 0, 0, 0, "its stride says")]
    [InlineData(3, 1, 1, 1, 0, "its stride says")]
    [InlineData(5, 4, 1, 0, 0, "times as often")]
    public void Refuses_other_sizes_and_windows_that_would_be_mostly_zeros(int taps, int stride, int before, int after, int added, string reason) =>
        FusionAssert.Refuses(Pass, Build(taps, stride, before, after, added), reason);

    [Fact]
    public void Between_convolutions_nothing_is_converted()
    {
        var b = new GraphBuilder();
        Value x = b.Op("Conv", b.Input("x", 1, 8, 6, 6), b.Weights(1, 8, 8, 1, 1));
        x = b.Op("ConvTranspose", [x, b.Weights(2, 8, 8, 2, 2)], new NodeAttribute("strides", [2L, 2]));
        b.Output("y", b.Op("Conv", x, b.Weights(3, 8, 8, 1, 1)));
        b.Model.InferTypes();
        GraphAssert.Apply(Pass, b.Model);
        b.Model.InferTypes();
        StaticInt8 result = StaticInt8.Of(b.Model);
        Assert.Equal(3, result.Count("QLinearConv"));
        Assert.Equal((1, 1), (result.Count("QuantizeLinear"), result.Count("DequantizeLinear")));
        Assert.InRange(result.WorstCosine, 0.999, 1);
    }

    private static Model Build(int taps, int stride, long before, long after, long added)
    {
        var b = new GraphBuilder();
        Value x = b.Input("x", Dim.Named("n"), 4, 5, 7);
        Value y = b.Op(
            "ConvTranspose",
            [x, b.Weights(1, 4, 3, taps, taps), b.Weights(2, 3)],
            new("strides", [stride, (long)stride]), new("pads", [before, before, after, after]), new("output_padding", [added, added]));
        return b.Output("y", y).Model;
    }
}
