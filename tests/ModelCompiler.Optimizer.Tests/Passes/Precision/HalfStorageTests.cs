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
        Quantized half = Quantized.By(b.Output("y", y).Model, new HalfStorage());
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
        Quantized half = Quantized.By(b.Output("y", y).Model, new HalfStorage());
        Assert.Equal(2, half.Model.Graph.AllNodes().Count(node => node.OpType == "Cast"));
        Assert.Equal(0, half.Count("Cast"));
        Assert.InRange(half.WorstCosine, 0.99999, 1);
    }

    [Theory]
    [InlineData(70000f, "beyond the range")]
    [InlineData(1e-8f, "too small")]
    public void What_float16_cannot_hold_stays(float scale, string reason)
    {
        float[] values = Array.ConvertAll(TestTensors.Normal(3, 1024).Floats(), f => f * scale);
        var b = new GraphBuilder();
        Quantized half = Quantized.By(b.Output("y", b.Op("Mul", b.Input("x", 1024), b.Constant(values))).Model, new HalfStorage());
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
        Assert.Empty(Quantized.By(b.Model, new HalfStorage()).Context.Changes);
    }
}
