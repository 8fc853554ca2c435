using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes.Precision;
using ModelCompiler.Optimizer.Tests.Support;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Passes.Precision;

public sealed class HalfStorageTests
{
    [Fact]
    public void Weights_take_half_the_file_and_no_time()
    {
        var b = new GraphBuilder();
        Value x = b.Op("Conv", [b.Input("x", 1, 8, 8, 8), b.Weights(1, 32, 8, 3, 3)]);
        Value y = b.Op("MatMul", b.Op("Flatten", x), b.Weights(2, 32 * 36, 64));
        Quantized half = Quantized.By(b.Output("y", y).Model, new HalfStorage(HalfFormat.Float16));
        Assert.InRange(half.Bytes.Length, half.BytesBefore * 0.48, half.BytesBefore * 0.53);
        // Folded by ONNX Runtime at load.
        Assert.Equal(0, half.Count("Cast"));
        Assert.InRange(half.WorstCosine, 0.999999, 1);
    }

    [Fact]
    public void Weights_inside_and_around_subgraphs_are_stored_too()
    {
        var b = new GraphBuilder();
        Value x = b.Input("x", 4, 32), condition = b.Input("condition", ElementType.Bool), outer = b.Weights(1, 32, 32);
        Graph then = b.Subgraph("then", s => s.Output("t", s.Op("MatMul", x, outer))), otherwise = b.Subgraph("else", s => s.Output("e", s.Op("MatMul", x, s.Weights(2, 32, 32))));
        Value y = b.Op("If", [condition], new("then_branch", then), new("else_branch", otherwise));
        Quantized half = Quantized.By(b.Output("y", y).Model, new HalfStorage(HalfFormat.Float16));
        Assert.Equal(2, half.Model.Graph.AllNodes().Count(node => node.OpType == "Cast"));
        Assert.Equal(0, half.Count("Cast"));
        Assert.InRange(half.WorstCosine, 0.99999, 1);
    }

    /// <summary>What bfloat16 keeps of a float32 is the nearest of its numbers; what is too large for float16 is among them.</summary>
    [Fact]
    public void Weights_in_bfloat16_are_the_nearest_ones_and_keep_the_range_of_float32()
    {
        float[] values = [.. TestTensors.Normal(3, 4096).Floats().Select(x => x * 1e30f), 1.00390625f, 1.01171875f, -0f, float.PositiveInfinity];
        var b = new GraphBuilder();
        Quantized half = Quantized.By(b.Output("y", b.Op("Mul", b.Input("x", values.Length), b.Constant(values))).Model, new HalfStorage(HalfFormat.BFloat16));
        Assert.InRange(half.Bytes.Length, half.BytesBefore * 0.48, half.BytesBefore * 0.53);
        Assert.Equal(0, half.Count("Cast"));
        using var session = ModelCompiler.Runtime.InferenceSession.Open(half.Bytes);
        float[] ones = [.. Enumerable.Repeat(1f, values.Length)];
        float[] read = session.Run([("x", ModelCompiler.Runtime.TensorBuffer.Create([values.Length], ones))])[0].AsSpan<float>().ToArray();
        // Ties go to even: 1 + 1/256 down, 1 + 3/256 up.
        Assert.Equal(1f, read[4096]);
        Assert.Equal(1.015625f, read[4097]);
        for (int i = 0; i < values.Length; i++)
        {
            Assert.Equal(0, BitConverter.SingleToInt32Bits(read[i]) & 0xFFFF);
            if (float.IsFinite(values[i])) Assert.InRange(Math.Abs(read[i] - values[i]), 0, Math.Abs(values[i]) / 256);
            else Assert.Equal(values[i], read[i]);
        }
    }

    [Theory]
    [InlineData(70000f, "beyond the range")]
    [InlineData(1e-8f, "too small")]
    public void What_float16_cannot_hold_stays(float scale, string reason)
    {
        float[] values = Array.ConvertAll(TestTensors.Normal(3, 1024).Floats(), f => f * scale);
        var b = new GraphBuilder();
        Quantized half = Quantized.By(b.Output("y", b.Op("Mul", b.Input("x", 1024), b.Constant(values))).Model, new HalfStorage(HalfFormat.Float16));
        Assert.Contains(reason, half.Refusal, StringComparison.Ordinal);
        Assert.Equal(1, half.WorstCosine, 1e-12);
    }

    [Fact]
    public void Small_constants_and_parameters_of_integers_stay()
    {
        var b = new GraphBuilder();
        Value q = b.Constant(new Tensor(ElementType.Int8, [512, 4], new byte[2048]));
        Value weights = b.Op("DequantizeLinear", [q, b.Constant(Enumerable.Repeat(0.1f, 512).ToArray())], new NodeAttribute("axis", 0L));
        b.Output("y", b.Op("Add", b.Op("MatMul", b.Input("x", 4, 512), weights), b.Weights(1, 4)));
        Assert.Empty(Quantized.By(b.Model, new HalfStorage(HalfFormat.Float16)).Context.Changes);
    }
}
