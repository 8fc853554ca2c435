using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Compilation;
using ModelCompiler.Optimizer.Quantization;
using ModelCompiler.Optimizer.Quantization.Placement;
using ModelCompiler.Optimizer.Targets;
using ModelCompiler.Optimizer.Tests.Support;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Quantization.Placement;

public class FloatStemTests
{
    [Theory]
    [InlineData(1, 32, true)]
    [InlineData(3, 16, true)]
    [InlineData(1, 64, false)]
    [InlineData(3, 32, false)]
    public void Few_pairs_of_channels_stay_in_float_with_their_clamp(int inputs, int outputs, bool isStem)
    {
        var b = new GraphBuilder();
        Value x = Stem(b, inputs, outputs);
        Assert.Equal(isStem ? ["Conv", "Relu"] : [], Names(b, b.Op("Conv", x, b.Weights(2, 8, outputs, 3, 3))));
    }

    [Fact]
    public void A_residual_may_read_it_too()
    {
        var b = new GraphBuilder();
        Value x = Stem(b, 1, 8), sum = b.Op("Add", b.Op("Conv", x, b.Weights(2, 8, 8, 1, 1)), x);
        Assert.Equal(["Conv", "Relu"], Names(b, b.Op("Conv", sum, b.Weights(3, 8, 8, 1, 1))));
    }

    [Fact]
    public void A_pool_before_the_next_convolution_may_read_it()
    {
        var b = new GraphBuilder();
        Value pool = b.Op("MaxPool", [Stem(b, 1, 8)], new NodeAttribute("kernel_shape", [2L, 2]));
        Assert.Equal(["Conv", "Relu"], Names(b, b.Op("Conv", pool, b.Weights(2, 8, 8, 1, 1))));
    }

    [Fact]
    public void A_pool_of_averages_behind_it_stays_in_float_too()
    {
        var b = new GraphBuilder();
        Value pool = b.Op("AveragePool", [Stem(b, 1, 8)], new NodeAttribute("kernel_shape", [2L, 2]));
        Assert.Equal(["Conv", "Relu", "AveragePool"], Names(b, b.Op("Conv", pool, b.Weights(2, 8, 8, 1, 1))));
    }

    [Fact]
    public void Inside_the_graph_few_channels_stay_on_integers()
    {
        var b = new GraphBuilder();
        Value x = b.Op("Conv", b.Op("Conv", b.Input("x", 1, 64, 8, 8), b.Weights(1, 2, 64, 1, 1)), b.Weights(2, 8, 2, 3, 3));
        Assert.Empty(Names(b, b.Op("Conv", x, b.Weights(3, 8, 8, 1, 1))));
    }

    /// <summary>The small ResNet's first convolution, whose output the first residual adds: on the session that ships.</summary>
    [Fact]
    public void Behind_it_everything_is_on_integers_and_converted_once()
    {
        Model source = OnnxReader.Read(Repository.Trained("small-resnet.onnx"));
        var plan = new CompilationPlan
        {
            Precision = Precision.Int8,
            Layers = new Dictionary<string, string> { ["/0/conv/Conv_output_0"] = CompilationPlan.FloatForSpeed, ["/1/Relu_output_0"] = CompilationPlan.FloatForSpeed },
        };
        var options = new CompileOptions { Precision = Precision.Int8, CalibrationPath = Repository.DigitsCalibration, Plan = plan, MeasureLatency = false };
        CompileResult result = Compiler.Compile(source, options, cancellationToken: TestContext.Current.CancellationToken);
        FusedGraph fused = FusedGraph.Of(OnnxWriter.ToBytes(result.Model));
        Assert.Equal((1, 3, 1), (result.FloatNodes, fused.Operators["QLinearAdd"], fused.ConversionCount));
        Assert.InRange(result.Agreement!.Outputs[0].SqnrDb, 25, 100);
    }

    private static Value Stem(GraphBuilder b, int inputs, int outputs) => b.Op("Relu", b.Op("Conv", b.Input("x", 1, inputs, 12, 12), b.Weights(1, outputs, inputs, 3, 3)));

    /// <summary>The operators of the nodes that are named, in order.</summary>
    private static string[] Names(GraphBuilder b, Value output)
    {
        b.Output("y", output);
        b.Model.InferTypes();
        QuantizationPlan plan = QuantizationPlanner.Plan(b.Graph, TargetProfile.CpuPortable);
        HashSet<string> names = [.. FloatStem.Of(plan, ChannelBlocks.X64.StemPairs)];
        return [.. b.Graph.Nodes.Where(node => names.Contains(node.Outputs[0].Name)).Select(node => node.OpType)];
    }
}
