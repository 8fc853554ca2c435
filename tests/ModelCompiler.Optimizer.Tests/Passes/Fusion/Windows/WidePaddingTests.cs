using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Compilation;
using ModelCompiler.Optimizer.Passes.Fusion.Windows;
using ModelCompiler.Optimizer.Quantization;
using ModelCompiler.Optimizer.Tests.Support;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Passes.Fusion.Windows;

public sealed class WidePaddingTests
{
    /// <summary>Three forms of a causal kernel as long as its input; none is merged again, by us or by ONNX Runtime.</summary>
    [Theory]
    [InlineData("pads")]
    [InlineData("Pad")]
    [InlineData("Pad without a value")]
    public void What_is_padded_far_is_padded_in_front(string form)
    {
        Model model = Causal(form);
        CompileResult result = Compiler.Compile(Causal(form), new CompileOptions { MeasureLatency = false }, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(["Pad", "Conv"], result.Model.Graph.Operators());
        SameAnswers.Assert(model, result.Model);
        Assert.Equal(1, FusedGraph.Of(OnnxWriter.ToBytes(result.Model)).Operators["Pad"]);
    }

    [Theory]
    [InlineData(64, 7, 1)]
    [InlineData(64, 64, 2)]
    [InlineData(2048, 9, 1)]
    public void Short_kernels_and_strides_take_the_padding(int length, int taps, int stride)
    {
        Model model = Causal("Pad", length, taps, stride);
        CompileResult result = Compiler.Compile(model, new CompileOptions { MeasureLatency = false }, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(["Conv"], result.Model.Graph.Operators());
    }

    [Fact]
    public void The_second_run_changes_nothing()
    {
        Model model = Causal("pads");
        GraphAssert.Apply(new WidePadding(), model);
        byte[] once = OnnxWriter.ToBytes(model);
        GraphAssert.Apply(new WidePadding(), model);
        GraphAssert.Apply(new FoldPadIntoWindow(leavesWide: true), model);
        Assert.Equal(once, OnnxWriter.ToBytes(model));
    }

    private static Model Causal(string form, int length = 64, int taps = 64, int stride = 1)
    {
        const int Channels = 32;
        var b = new GraphBuilder();
        Value x = b.Input("x", 1, Channels, length), w = b.Weights(1, Channels, 1, taps);
        NodeAttribute group = new("group", (long)Channels), strides = new("strides", [(long)stride]);
        if (form == "pads") return b.Output("y", b.Op("Conv", [x, w], group, strides, new NodeAttribute("pads", [taps - 1L, 0L]))).Model;
        Value widths = b.Constant([0L, 0, taps - 1, 0, 0, 0]);
        Value padded = b.Op("Pad", form == "Pad" ? [x, widths, b.Scalar(0f)] : [x, widths, null]);
        return b.Output("y", b.Op("Conv", [padded, w], group, strides)).Model;
    }
}
