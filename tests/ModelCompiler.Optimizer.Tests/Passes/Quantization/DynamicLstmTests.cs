using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes.Quantization;
using ModelCompiler.Optimizer.Tests.Support;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Passes.Quantization;

public sealed class DynamicLstmTests
{
    private const int Inputs = 32, Hidden = 128, Steps = 5;

    [Theory]
    [InlineData("forward", 1, 9, 2, ElementType.Int8)]
    [InlineData("forward", 1, 17, 1, ElementType.UInt8)]
    [InlineData("bidirectional", 2, 22, 2, ElementType.Int8)]
    public void Both_products_of_each_direction_run_on_integers(string direction, int directions, long opset, int batch, ElementType type)
    {
        var b = new GraphBuilder(opset);
        Quantized quantized = Quantized.By(Model(b, directions, batch, new("direction", direction), new("hidden_size", (long)Hidden)), new DynamicLstm(new HashSet<string>()));
        Assert.Equal((1, 0), (quantized.Count("DynamicQuantizeLSTM"), quantized.Count("LSTM")));
        Assert.Equal(type, quantized.Model.Graph.Nodes.Single(node => node.OpType == "DynamicQuantizeLSTM").Constant(1)!.ElementType);
        Assert.InRange(quantized.WorstCosine, 0.995, 1);
        Assert.InRange(quantized.Bytes.Length, 1, quantized.BytesBefore * 0.3);
    }

    [Fact]
    public void Layers_kept_in_float_and_small_ones_stay()
    {
        Quantized kept = Quantized.By(Model(new GraphBuilder(), 1, 2, new NodeAttribute("hidden_size", (long)Hidden)), new DynamicLstm(new HashSet<string> { "y" }));
        Assert.Equal(1, kept.Count("LSTM"));
        var b = new GraphBuilder();
        Value y = b.Op("LSTM", [b.Input("x", Steps, 1, 8), b.Weights(1, 1, 16, 8), b.Weights(2, 1, 16, 4)], new NodeAttribute("hidden_size", 4L));
        Assert.Contains("too small", Quantized.By(b.Output("y", y).Model, new DynamicLstm(new HashSet<string>())).Refusal, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1f, 1)]
    [InlineData(30f, 2)]
    public void One_scale_is_enough_unless_a_unit_is_much_larger_than_others(float factor, int rank)
    {
        var b = new GraphBuilder();
        float[] recurrent = Scaled(2, 1, 4 * Hidden, Hidden).Floats();
        foreach (ref float weight in recurrent.AsSpan(0, Hidden)) weight *= factor;
        Value y = b.Op("LSTM", [b.Input("x", Steps, 2, Inputs), b.Constant(Scaled(1, 1, 4 * Hidden, Inputs)), b.Constant(recurrent, 1, 4 * Hidden, Hidden)], new NodeAttribute("hidden_size", (long)Hidden));
        Quantized quantized = Quantized.By(b.Output("y", y).Model, new DynamicLstm(new HashSet<string>()));
        Node lstm = quantized.Model.Graph.Nodes.Single(node => node.OpType == "DynamicQuantizeLSTM");
        Assert.Equal((rank, rank), (lstm.Constant(10)!.Rank, lstm.Constant(11)!.Rank));
        Assert.InRange(quantized.WorstCosine, 0.995, 1);
    }

    private static Model Model(GraphBuilder b, int directions, int batch, params NodeAttribute[] attributes)
    {
        Value w = b.Constant(Scaled(1, directions, 4 * Hidden, Inputs)), r = b.Constant(Scaled(2, directions, 4 * Hidden, Hidden));
        Value y = b.Op("LSTM", [b.Input("x", Steps, batch, Inputs), w, r, b.Weights(3, directions, 8 * Hidden), null, b.Weights(4, directions, batch, Hidden)], attributes);
        return b.Output("y", y).Model;
    }

    private static Tensor Scaled(int seed, params long[] dims) =>
        Tensor.Create<float>(TestTensors.Normal(seed, dims).Floats().Select(f => f / MathF.Sqrt(dims[^1])).ToArray(), dims);
}
