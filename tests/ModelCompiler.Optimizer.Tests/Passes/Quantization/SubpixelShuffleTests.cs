using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes.Quantization;
using ModelCompiler.Optimizer.Tests.Passes.Fusion;
using ModelCompiler.Optimizer.Tests.Quantization;
using ModelCompiler.Optimizer.Tests.Support;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Passes.Quantization;

public sealed class SubpixelShuffleTests
{
    private static readonly SubpixelShuffle Pass = new();

    [Theory]
    [InlineData("DCR", 2, false)]
    [InlineData("CRD", 2, false)]
    [InlineData("CRD", 2, true)]
    [InlineData("CRD", 3, true)]
    public void Gives_the_same_numbers(string mode, int block, bool hasRelu)
    {
        Model model = Build(mode, block, hasRelu, 5, 7), rewritten = Rewritten(model);
        Assert.Equal([.. hasRelu ? ["Conv", "Relu"] : (string[])["Conv"], "Transpose", "Reshape", "Transpose", "Reshape", "Transpose"], rewritten.Graph.Operators());
        SameAnswers.Assert(model, rewritten);
    }

    [Fact]
    public void Pictures_of_open_size_too()
    {
        Model model = Build("CRD", 2, true, Dim.Named("h"), Dim.Named("w")), rewritten = Rewritten(model);
        Assert.DoesNotContain("DepthToSpace", rewritten.Graph.Operators());
        SameAnswers.Assert(model, rewritten);
    }

    /// <summary>Filters that change places stay with their convolution: what stands in a branch is not there outside.</summary>
    [Fact]
    public void In_a_branch_the_convolution_outside_it_keeps_its_filters_beside_it()
    {
        var b = new GraphBuilder();
        Value phases = b.Op("Conv", b.Input("x", 1, 4, 5, 7), b.Weights(1, 32, 4, 1, 1), b.Weights(2, 32)), picture = b.Input("picture", 1, 8, 10, 14);
        Value isLight = b.Op("Greater", b.Op("ReduceMax", [picture], new NodeAttribute("keepdims", 0L)), b.Scalar(-100f));
        Graph larger = b.Subgraph("larger", inner => inner.Output("larger_y", inner.Op("DepthToSpace", [phases], new("blocksize", 2L), new("mode", "CRD"))));
        Graph same = b.Subgraph("same", inner => inner.Output("same_y", inner.Op("Identity", picture)));
        Model model = b.Output("y", b.Op("If", [isLight], new("then_branch", larger), new("else_branch", same))).Model;

        Model rewritten = Rewritten(model);

        Assert.DoesNotContain(rewritten.Graph.AllNodes(), node => node.Is("DepthToSpace"));
        SameAnswers.Assert(model, rewritten);
    }

    [Fact]
    public void Refuses_few_channels_and_what_no_convolution_makes()
    {
        FusionAssert.Refuses(Pass, Build("CRD", 2, false, 5, 7, channels: 3), "few");
        var b = new GraphBuilder();
        FusionAssert.Refuses(Pass, b.Output("y", b.Op("DepthToSpace", [b.Op("Sigmoid", b.Input("x", 1, 64, 4, 4))], new NodeAttribute("blocksize", 2L))).Model, "no convolution");
    }

    /// <summary>Open sizes are asked of integers, so that nothing between the convolutions is converted.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Between_convolutions_nothing_is_converted(bool isOpen)
    {
        Model model = Build("CRD", 2, true, isOpen ? Dim.Named("h") : 6, isOpen ? Dim.Named("w") : 6, hasReader: true);
        StaticInt8 result = StaticInt8.Of(Rewritten(model));
        Assert.Equal(2, result.Count("QLinearConv"));
        Assert.Equal((1, 1), (result.Count("QuantizeLinear"), result.Count("DequantizeLinear")));
        Assert.InRange(result.WorstCosine, 0.999, 1);
    }

    private static Model Rewritten(Model model)
    {
        Model rewritten = model.Clone();
        rewritten.InferTypes();
        GraphAssert.Apply(Pass, rewritten);
        rewritten.InferTypes();
        return rewritten;
    }

    private static Model Build(string mode, int block, bool hasRelu, Dim height, Dim width, int channels = 8, bool hasReader = false)
    {
        var b = new GraphBuilder();
        int filters = channels * block * block;
        Value x = b.Op("Conv", [b.Input("x", Dim.Named("n"), 4, height, width), b.Weights(1, filters, 4, 3, 3), b.Weights(2, filters)], new NodeAttribute("pads", [1L, 1, 1, 1]));
        Value y = b.Op("DepthToSpace", [hasRelu ? b.Op("Relu", x) : x], new("blocksize", (long)block), new("mode", mode));
        return b.Output("y", hasReader ? b.Op("Conv", y, b.Weights(3, 8, channels, 1, 1)) : y).Model;
    }
}
