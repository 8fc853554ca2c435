using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes;
using ModelCompiler.Optimizer.Passes.Quantization;
using ModelCompiler.Optimizer.Sessions;
using ModelCompiler.Optimizer.Targets;
using ModelCompiler.Optimizer.Tests.Support;
using ModelCompiler.Runtime;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Passes.Quantization;

public class FloatPoolsTests
{
    private static readonly long[] Dims = [2, 3, 8, 8];

    /// <summary>Without the pass ONNX Runtime has the pool read integers; with it floats, and nothing of the clamp is left.</summary>
    [Theory]
    [InlineData(0, true)]
    [InlineData(0, false)]
    [InlineData(117, false)]
    public void The_pool_stays_in_float_and_no_answer_changes(byte zero, bool hasRelu)
    {
        Model plain = Model(zero, hasRelu), model = Model(zero, hasRelu);
        Assert.Single(Apply(model).Changes);
        byte[] before = OnnxWriter.ToBytes(plain), after = OnnxWriter.ToBytes(model);
        Assert.Equal(["Conv", "QuantizeLinear", "MaxPool"], Fused(before)[..3].Select(WithoutActivation));
        Assert.Equal(["Conv", "MaxPool", "QuantizeLinear"], Fused(after)[..3].Select(WithoutActivation));
        using InferenceSession expected = InferenceSession.Open(before), actual = InferenceSession.Open(after);
        for (int seed = 1; seed < 4; seed++)
        {
            (string, TensorBuffer)[] sample = [("x", TensorBuffer.Create(Dims, TestTensors.Normal(seed, Dims).Floats()))];
            Assert.Equal(expected.Run(sample)[0].AsSpan<float>().ToArray(), actual.Run(sample)[0].AsSpan<float>().ToArray());
        }
    }

    [Fact]
    public void The_second_run_changes_nothing()
    {
        Model model = Model(0, true);
        Apply(model);
        Assert.Empty(Apply(model).Events);
    }

    [Fact]
    public void A_pool_that_others_read_too_stays_as_it_is()
    {
        Model model = Model(0, false);
        model.Graph.AddOutput(model.Graph.Nodes.First(node => node.Is("MaxPool")).Output);
        Assert.Empty(Apply(model).Events);
    }

    [Fact]
    public void Where_integer_convolutions_were_not_measured_nothing_is_done() =>
        Assert.Empty(Apply(Model(0, true), TargetProfile.CpuPortable with { Channels = null }).Events);

    private static PassContext Apply(Model model, TargetProfile? target = null)
    {
        model.InferTypes();
        var context = new PassContext(model, target ?? TargetProfile.CpuPortable);
        new FloatPools().Apply(context);
        model.InferTypes();
        return context;
    }

    /// <summary>A convolution and a pool in float, and one on integers behind them.</summary>
    private static Model Model(byte zero, bool hasRelu)
    {
        var b = new GraphBuilder();
        Value x = b.Op("Conv", b.Input("x", [.. Dims.Select(size => (Dim)size)]), b.Weights(1, 8, 3, 3, 3));
        Value pool = b.Op("MaxPool", [hasRelu ? b.Op("Relu", x) : x], new NodeAttribute("kernel_shape", [2L, 2]), new NodeAttribute("strides", [2L, 2]));
        Value scale = b.Scalar(0.05f), zeroPoint = b.Scalar(zero);
        Value integers = b.Op("DequantizeLinear", b.Op("QuantizeLinear", pool, scale, zeroPoint), scale, zeroPoint);
        Value weights = b.Op("DequantizeLinear", b.Constant(Enumerable.Range(0, 8 * 8 * 9).Select(i => (sbyte)(i % 61 - 30)).ToArray(), 8, 8, 3, 3), b.Scalar(0.01f), b.Scalar((sbyte)0));
        Value y = b.Op("Conv", integers, weights), outScale = b.Scalar(0.1f), outZero = b.Scalar((byte)128);
        b.Output("y", b.Op("DequantizeLinear", b.Op("QuantizeLinear", y, outScale, outZero), outScale, outZero));
        return b.Model;
    }

    private static string WithoutActivation(string operatorName) => operatorName.Replace("Fused", "", StringComparison.Ordinal);

    /// <summary>The operators, in order, before the memory layout of a particular CPU is chosen.</summary>
    private static string[] Fused(byte[] model)
    {
        using var folder = new ScratchFolder();
        string path = folder.PathOf("fused.onnx");
        InferenceSession.Open(model, new SessionOptions { OptimizedModelPath = path, GraphOptimization = GraphOptimization.Extended }).Dispose();
        Graph graph = OnnxReader.Read(path).Graph;
        graph.SortTopologically();
        return [.. graph.Nodes.Select(node => node.OpType)];
    }
}
