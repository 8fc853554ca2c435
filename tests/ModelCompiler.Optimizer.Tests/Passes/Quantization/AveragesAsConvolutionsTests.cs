using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Compilation;
using ModelCompiler.Optimizer.Passes;
using ModelCompiler.Optimizer.Passes.Quantization;
using ModelCompiler.Optimizer.Quantization;
using ModelCompiler.Optimizer.Targets;
using ModelCompiler.Optimizer.Tests.Support;
using ModelCompiler.Runtime;
using Xunit;
using static ModelCompiler.Optimizer.Compilation.Precision;

namespace ModelCompiler.Optimizer.Tests.Passes.Quantization;

public class AveragesAsConvolutionsTests
{
    private const float Scale = 0.05f, OutScale = 0.03f;
    private const byte Zero = 117, OutZero = 120;

    /// <summary>Each integer is the one nearest to the mean, padding counted as zeros: computed in double from the integers that go in.</summary>
    [Theory]
    [InlineData(16, 2, 2, 0)]
    [InlineData(24, 3, 1, 1)]
    [InlineData(5, 3, 2, 1)]
    [InlineData(8, 7, 7, 0)]
    public void The_integer_nearest_to_the_mean(int channels, int window, int stride, int pad)
    {
        Model model = Model(channels, window, stride, pad);
        Assert.Single(Apply(model).Changes);
        byte[] bytes = OnnxWriter.ToBytes(model);
        Assert.Equal((1, 0), (FusedGraph.Of(bytes).Operators["QLinearConv"], FusedGraph.Of(bytes).ConversionCount - 2));

        const int Size = 14;
        float[] x = TestTensors.Normal(channels, [1, channels, Size, Size]).Floats();
        using InferenceSession session = InferenceSession.Open(bytes);
        float[] y = session.Run([("x", TensorBuffer.Create([1, channels, Size, Size], x))])[0].AsSpan<float>().ToArray();
        int count = ((Size + (2 * pad) - window) / stride) + 1;
        Assert.Equal(channels * count * count, y.Length);
        for (int i = 0; i < y.Length; i++)
        {
            int column = i % count, row = i / count % count, channel = i / count / count;
            double sum = 0;
            for (int dy = 0; dy < window; dy++)
                for (int dx = 0; dx < window; dx++)
                    if ((row * stride) + dy - pad is >= 0 and < Size and var r && (column * stride) + dx - pad is >= 0 and < Size and var c)
                        sum += Math.Clamp(Math.Round(x[(((channel * Size) + r) * Size) + c] / Scale) + Zero, 0, 255) - Zero;
            double exact = sum * Scale / (window * window) / OutScale;
            // What lies in the middle of two is either.
            Assert.InRange(Math.Abs(Math.Clamp(exact, -OutZero, 255 - OutZero) - (y[i] / OutScale)), 0, 0.5 + 1e-3);
        }
    }

    [Fact]
    public void The_second_run_changes_nothing()
    {
        Model model = Model(16, 2, 2, 0);
        Apply(model);
        Assert.Empty(Apply(model).Events);
    }

    [Fact]
    public void Windows_that_are_smaller_at_the_edges_stay() =>
        Assert.Contains("smaller at the edges", Assert.Single(Apply(Model(16, 3, 1, 1, countsPadding: false)).Events).Text, StringComparison.Ordinal);

    [Fact]
    public void A_pool_in_float_stays()
    {
        var b = new GraphBuilder();
        b.Output("y", b.Op("AveragePool", [b.Input("x", 1, 16, 8, 8)], new NodeAttribute("kernel_shape", [2L, 2])));
        Assert.Empty(Apply(b.Model).Events);
    }

    [Fact]
    public void Where_integer_convolutions_were_not_measured_nothing_is_done() =>
        Assert.Empty(Apply(Model(16, 2, 2, 0), TargetProfile.CpuPortable with { Channels = null }).Events);

    /// <summary>What is compiled: the pool between two convolutions runs on integers as a third.</summary>
    [Fact]
    public void Between_convolutions_it_is_one_itself()
    {
        var b = new GraphBuilder();
        Value x = b.Op("Conv", b.Input("x", Dim.Named("N"), 16, 14, 14), b.Weights(1, 20, 16, 3, 3));
        Value pool = b.Op("AveragePool", [b.Op("Relu", x)], new NodeAttribute("kernel_shape", [3L, 3]), new NodeAttribute("pads", [1L, 1, 1, 1]), new NodeAttribute("count_include_pad", 1L));
        b.Output("y", b.Op("Flatten", b.Op("GlobalAveragePool", b.Op("Conv", pool, b.Weights(2, 24, 20, 3, 3)))));
        var options = new CompileOptions { Precision = Int8, Plan = new CompilationPlan { Precision = Int8 }, MeasureLatency = false };
        CompileResult result = Compiler.Compile(b.Model, options, cancellationToken: TestContext.Current.CancellationToken);
        FusedGraph fused = FusedGraph.Of(OnnxWriter.ToBytes(result.Model));
        Assert.Equal((3, 0), (fused.Operators["QLinearConv"], fused.FloatProductCount));
        Assert.DoesNotContain("QLinearAveragePool", fused.Operators.Keys);
        Assert.InRange(result.Agreement!.Outputs[0].SqnrDb, 25, 100);
    }

    private static PassContext Apply(Model model, TargetProfile? target = null)
    {
        model.InferTypes();
        var context = new PassContext(model, target ?? TargetProfile.CpuPortable);
        new AveragesAsConvolutions().Apply(context);
        model.InferTypes();
        return context;
    }

    private static Model Model(int channels, int window, int stride, int pad, bool countsPadding = true)
    {
        var b = new GraphBuilder();
        Value scale = b.Scalar(Scale), zero = b.Scalar(Zero), outScale = b.Scalar(OutScale), outZero = b.Scalar(OutZero);
        Value x = b.Op("DequantizeLinear", b.Op("QuantizeLinear", b.Input("x", 1, channels, 14, 14), scale, zero), scale, zero);
        NodeAttribute[] attributes =
            [new("kernel_shape", [(long)window, window]), new("strides", [(long)stride, stride]), new("pads", [(long)pad, pad, pad, pad]), new("count_include_pad", countsPadding ? 1L : 0)];
        Value pool = b.Op("AveragePool", [x], attributes);
        b.Output("y", b.Op("DequantizeLinear", b.Op("QuantizeLinear", pool, outScale, outZero), outScale, outZero));
        return b.Model;
    }
}
