using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes;
using ModelCompiler.Optimizer.Passes.Quantization;
using ModelCompiler.Optimizer.Targets;
using ModelCompiler.Optimizer.Tests.Quantization;
using ModelCompiler.Optimizer.Tests.Support;
using ModelCompiler.Runtime;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Passes.Quantization;

public class TileWeightsTests
{
    /// <summary>Weights that no CPU saturates, so that the answers are compared wherever the tests run.</summary>
    private static readonly TargetProfile Tiles = TargetProfile.CpuPortable with { HasTiles = true };

    [Theory]
    [InlineData(16, 3)]
    [InlineData(20, 1)]
    [InlineData(3, 5)]
    public void Answers_are_the_same_to_the_bit(long inputs, long kernel)
    {
        byte[] before = Quantized(inputs, kernel);
        (Model after, PassContext context) = OnTiles(before, Tiles);
        Assert.Equal(2, context.Changes.Count(change => change.Pass == "tile-weights"));
        Assert.All(Convolutions(after), conv => Assert.All(conv.Inputs[1]!.Producer!.Constant(2)!.Bytes.ToArray(), zero => Assert.Equal(-1, (sbyte)zero)));
        using InferenceSession expected = InferenceSession.Open(before), actual = InferenceSession.Open(OnnxWriter.ToBytes(after));
        for (int seed = 41; seed < 45; seed++)
        {
            (string, TensorBuffer)[] sample = [("x", TensorBuffer.Create([2, inputs, 9, 9], TestTensors.Normal(seed, 2, inputs, 9, 9).Floats()))];
            Assert.Equal(expected.Run(sample)[0].AsSpan<float>().ToArray(), actual.Run(sample)[0].AsSpan<float>().ToArray());
        }
    }

    [Fact]
    public void They_are_still_fused()
    {
        var fused = Optimizer.Quantization.FusedGraph.Of(OnnxWriter.ToBytes(OnTiles(Quantized(16, 3), Tiles).Model));
        Assert.Equal((2, 0), (fused.Operators["QLinearConv"], fused.FloatProductCount));
    }

    [Fact]
    public void The_second_run_changes_nothing()
    {
        (Model model, _) = OnTiles(Quantized(16, 3), Tiles);
        var again = new PassContext(model, Tiles);
        new TileWeights(Names(model)).Apply(again);
        Assert.Empty(again.Events);
    }

    [Fact]
    public void A_target_without_tiles_refuses()
    {
        (Model model, PassContext context) = OnTiles(Quantized(16, 3), TargetProfile.CpuPortable);
        Assert.Equal((0, 2), (context.ChangeCount, context.Events.Count(e => e.Kind == PassEventKind.Refused)));
        Assert.All(Convolutions(model), conv => Assert.DoesNotContain(conv.Inputs[1]!.Producer!.Constant(2)!.Bytes.ToArray(), zero => zero != 0));
    }

    [Theory]
    [InlineData(TargetCpu.Amx, true)]
    [InlineData(TargetCpu.Avx512Vnni, false)]
    [InlineData(TargetCpu.Avx2, false)]
    [InlineData(TargetCpu.Arm64, false)]
    [InlineData(TargetCpu.Portable, false)]
    public void Only_AMX_has_tiles(TargetCpu cpu, bool expected) => Assert.Equal(expected, TargetProfile.Cpu(cpu).HasTiles);

    private static (Model Model, PassContext Context) OnTiles(byte[] quantized, TargetProfile target)
    {
        Model model = OnnxReader.Read(quantized);
        model.InferTypes();
        var context = new PassContext(model, target);
        PassPipeline.Weights(new TileWeights(Names(model))).Run(context);
        return (model, context);
    }

    private static HashSet<string> Names(Model model) => [.. Convolutions(model).Select(node => node.Name)];

    private static IEnumerable<Node> Convolutions(Model model) => model.Graph.Nodes.Where(node => node.Is("Conv"));

    private static byte[] Quantized(long inputs, long kernel)
    {
        var b = new GraphBuilder();
        Value x = b.Op("Relu", b.Op("Conv", [b.Input("x", 2, inputs, 9, 9), Weights(b, 1, 24, inputs, kernel), b.Weights(2, 24)], new NodeAttribute("pads", [1L, 1, 1, 1])));
        b.Output("y", b.Op("Flatten", b.Op("GlobalAveragePool", b.Op("Conv", x, Weights(b, 3, 32, 24, 1), b.Weights(4, 32)))));
        b.Model.InferTypes();
        return StaticInt8.Of(b.Model).Bytes;
    }

    /// <summary>The largest weight of each filter is positive and stands out: what is shifted below zero is small.</summary>
    private static Value Weights(GraphBuilder b, int seed, long outputs, long inputs, long kernel)
    {
        float[] weights = TestTensors.Normal(seed, outputs, inputs, kernel, kernel).Floats();
        int depth = weights.Length / (int)outputs;
        for (int c = 0; c < outputs; c++) weights[c * depth + c % depth] = 12;
        return b.Constant(weights, outputs, inputs, kernel, kernel);
    }
}
