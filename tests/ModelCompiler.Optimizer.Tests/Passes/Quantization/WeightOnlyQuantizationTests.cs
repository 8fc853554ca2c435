using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes.Quantization;
using ModelCompiler.Optimizer.Quantization.Dense;
using ModelCompiler.Optimizer.Tests.Support;
using ModelCompiler.Runtime;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Passes.Quantization;

public sealed class WeightOnlyQuantizationTests
{
    /// <summary>100 does not fill blocks of 32, and an odd number of blocks does not fill a byte of zero points.</summary>
    [Theory]
    [InlineData(4, 100, 0.985, 0.25)]
    [InlineData(4, 256, 0.985, 0.2)]
    [InlineData(8, 100, 0.9999, 0.4)]
    public void Products_of_any_depth_answer_alike(int bits, int depth, double cosine, double size)
    {
        var b = new GraphBuilder();
        Value y = b.Op("Add", b.Op("MatMul", b.Input("x", Dim.Named("batch"), 4, depth), b.Weights(1, depth, 300)), b.Weights(2, 300));
        Quantized quantized = Quantized.By(b.Output("y", y).Model, new WeightOnlyQuantization(new WeightBits(bits)));
        Assert.Equal((1, 0, 0), (quantized.Count("MatMulNBits"), quantized.Count("MatMul"), quantized.Count("Add")));
        Assert.InRange(quantized.WorstCosine, cosine, 1);
        Assert.InRange(quantized.Bytes.Length, 1, quantized.BytesBefore * size);
    }

    /// <summary>The worst for kernels that add in 16 bits: weights and inputs that are nearly all at the end of their range, which blocks hold exactly.</summary>
    [Theory]
    [InlineData(4, 1, 1)]
    [InlineData(4, -1, 1)]
    [InlineData(8, 1, 1)]
    [InlineData(8, -1, 1)]
    [InlineData(8, 1, -1)]
    [InlineData(8, -1, -1)]
    public void Sums_do_not_saturate(int bits, int weight, int input)
    {
        foreach (int depth in (int[])[64, 100, 256])
        {
            foreach (int rows in (int[])[1, 3, 32])
            {
                var b = new GraphBuilder();
                float[] weights = [.. Enumerable.Range(0, depth * 70).Select(i => i / 70 % 32 == 5 ? 0f : weight)];
                Value y = b.Op("MatMul", b.Input("x", Dim.Named("n"), depth), b.Constant(weights, depth, 70));
                Quantized quantized = Quantized.By(b.Output("y", y).Model, new WeightOnlyQuantization(new WeightBits(bits)));
                Assert.Equal(1, quantized.Count("MatMulNBits"));
                using InferenceSession session = InferenceSession.Open(quantized.Bytes);
                float[] x = new float[rows * depth];
                Array.Fill(x, input);
                float exact = input * Enumerable.Range(0, depth).Sum(k => weights[k * 70]);
                foreach (float answer in session.Run([("x", TensorBuffer.Create([rows, depth], x))])[0].AsSpan<float>())
                    Assert.InRange(answer / exact, 0.99f, 1.01f);
            }
        }
    }

    [Fact]
    public void Factors_and_transposed_weights_of_Gemm_are_multiplied_in()
    {
        var b = new GraphBuilder();
        Value y = b.Op("Gemm", [b.Input("x", 3, 64), b.Weights(1, 128, 64), b.Weights(2, 128)], new("transB", 1L), new("alpha", 0.25f), new("beta", 3f));
        Quantized quantized = Quantized.By(b.Output("y", y).Model, new WeightOnlyQuantization(new WeightBits(8)));
        Assert.Equal(1, quantized.Count("MatMulNBits"));
        Assert.InRange(quantized.WorstCosine, 0.9999, 1);
    }

    [Fact]
    public void Each_layer_has_its_own_bits_and_shared_weights_stay_shared()
    {
        var b = new GraphBuilder();
        Value x = b.Input("x", 2, 64), shared = b.Weights(1, 64, 64);
        b.Output("p", b.Op("MatMul", x, shared)).Output("q", b.Op("MatMul", b.Op("Relu", x), shared)).Output("r", b.Op("MatMul", b.Op("Neg", x), b.Weights(2, 64, 64)));
        b.Output("f", b.Op("MatMul", b.Op("Abs", x), b.Weights(3, 64, 64)));
        var bits = new WeightBits(4, new Dictionary<string, int> { ["r"] = 8, ["f"] = 0 });
        Quantized quantized = Quantized.By(b.Model, new WeightOnlyQuantization(bits));
        Assert.Equal((3, 1), (quantized.Count("MatMulNBits"), quantized.Count("MatMul")));
        Assert.Equal([4L, 4L, 8L], quantized.Model.Graph.Nodes.Where(node => node.OpType == "MatMulNBits").Select(node => node.Attributes.GetInt("bits", 0)).Order());
        Assert.Equal(2, quantized.Model.Graph.Initializers.Count(value => value.Name.EndsWith("bits", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(4, 1f, 0.985, 1, 0)]
    [InlineData(8, 1f, 0.9999, 0, 1)]
    [InlineData(8, 50f, 0.9999, 0, 2)]
    public void Tables_are_looked_up_in_few_bits(int bits, float firstRow, double cosine, int inBlocks, int gathers)
    {
        var b = new GraphBuilder();
        float[] table = TestTensors.Normal(1, 1024, 96).Floats();
        foreach (ref float number in table.AsSpan(0, 96)) number *= firstRow;
        // Data movement behind it, to which ONNX Runtime carries what turns integers back into floats.
        Value rows = b.Op("Gather", b.Constant(table, 1024, 96), b.Input("i", ElementType.Int64, Dim.Named("batch"), 5));
        Value y = b.Op("Relu", b.Op("Transpose", [rows], new NodeAttribute("perm", [1L, 0, 2])));
        Quantized quantized = Quantized.By(b.Output("y", y).Model, new EmbeddingQuantization(new WeightBits(bits)));
        Assert.Equal((inBlocks, gathers), (quantized.Count("GatherBlockQuantized"), quantized.Count("Gather")));
        Assert.InRange(quantized.WorstCosine, cosine, 1);
        Assert.InRange(quantized.Bytes.Length, 1, quantized.BytesBefore * (bits == 4 ? 0.2 : 0.35));
    }
}
