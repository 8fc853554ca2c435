using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes.Quantization;
using ModelCompiler.Optimizer.Targets;
using ModelCompiler.Optimizer.Tests.Support;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Passes.Quantization;

public sealed class DynamicQuantizationTests
{
    private static readonly HashSet<string> None = [];

    [Fact]
    public void Gemm_with_its_factors_and_a_transposed_matrix_is_one_integer_product()
    {
        var b = new GraphBuilder();
        Value y = b.Op("Gemm", [b.Input("x", 4, 256), b.Weights(1, 300, 256), b.Weights(2, 300)], new("transB", 1L), new("alpha", 0.5f), new("beta", 2f));
        Quantized quantized = Quantized.By(b.Output("y", y).Model, new DynamicQuantization(None));
        Assert.Equal(1, quantized.Count("DynamicQuantizeMatMul"));
        Assert.Equal(0, quantized.Count("Gemm"));
        Assert.InRange(quantized.WorstCosine, 0.999, 1);
        Assert.InRange(quantized.Bytes.Length, 1, quantized.BytesBefore * 0.3);
    }

    [Fact]
    public void The_sum_behind_a_product_of_sequences_is_its_bias()
    {
        var b = new GraphBuilder();
        Value x = b.Input("x", Dim.Named("batch"), 16, 256);
        Value y = b.Op("Add", b.Weights(2, 256), b.Op("MatMul", x, b.Weights(1, 256, 256)));
        Quantized quantized = Quantized.By(b.Output("y", y).Model, new DynamicQuantization(None));
        Assert.Equal(1, quantized.Count("DynamicQuantizeMatMul"));
        Assert.Equal(0, quantized.Count("Add"));
        Assert.InRange(quantized.WorstCosine, 0.999, 1);
    }

    [Fact]
    public void Products_of_one_tensor_share_its_conversion_and_shared_weights_stay_shared()
    {
        var b = new GraphBuilder();
        Value x = b.Input("x", 4, 256), shared = b.Weights(1, 256, 256);
        b.Output("p", b.Op("MatMul", x, shared)).Output("q", b.Op("MatMul", x, b.Weights(2, 256, 256))).Output("r", b.Op("MatMul", b.Op("Relu", x), shared));
        Quantized quantized = Quantized.By(b.Model, new DynamicQuantization(None));
        Assert.Equal(2, quantized.Model.Graph.Nodes.Count(node => node.OpType == "DynamicQuantizeLinear"));
        Assert.Equal(2, quantized.Model.Graph.Initializers.Count(value => value.ElementType == ElementType.Int8));
        Assert.InRange(quantized.WorstCosine, 0.999, 1);
    }

    [Fact]
    public void Weights_around_a_subgraph_are_converted_for_it()
    {
        var b = new GraphBuilder();
        Value x = b.Input("x", 4, 256), condition = b.Input("condition", ElementType.Bool), weights = b.Weights(1, 256, 256);
        Graph then = b.Subgraph("then", s => s.Output("t", s.Op("MatMul", x, weights))), otherwise = b.Subgraph("else", s => s.Output("e", s.Op("Relu", x)));
        Value y = b.Op("If", [condition], new("then_branch", then), new("else_branch", otherwise));
        Quantized quantized = Quantized.By(b.Output("y", y).Model, new DynamicQuantization(None));
        Assert.Equal(1, quantized.Count("DynamicQuantizeMatMul"));
        Assert.InRange(quantized.WorstCosine, 0.999, 1);
    }

    /// <summary>On a CPU without VNNI two products are added in 16 bits: no two neighbours along K may exceed 128 together.</summary>
    [Fact]
    public void Neighbouring_weights_cannot_saturate()
    {
        var b = new GraphBuilder();
        Quantized quantized = Quantized.By(b.Output("y", b.Op("MatMul", b.Input("x", 4, 256), b.Weights(1, 256, 256))).Model, new DynamicQuantization(None));
        sbyte[] weights = quantized.Model.Graph.Initializers.Single(value => value.ElementType == ElementType.Int8).Initializer!.AsSpan<sbyte>().ToArray();
        for (int k = 0; k < 256; k += 2)
            for (int n = 0; n < 256; n++) Assert.InRange(Math.Abs(weights[k * 256 + n] + weights[(k + 1) * 256 + n]), 0, 128);
    }

    [Fact]
    public void What_has_no_integer_form_says_why()
    {
        Assert.Contains("not constant", Refusal(b => b.Op("MatMul", b.Input("x", 4, 256), b.Input("w", 256, 256))), StringComparison.Ordinal);
        Assert.Contains("rank 3", Refusal(b => b.Op("MatMul", b.Input("x", 2, 4, 256), b.Weights(1, 2, 256, 256))), StringComparison.Ordinal);
        Assert.Contains("too small", Refusal(b => b.Op("MatMul", b.Input("x", 1, 16), b.Weights(1, 16, 16))), StringComparison.Ordinal);
        Assert.Contains("transposed", Refusal(b => b.Op("Gemm", [b.Input("x", 256, 4), b.Weights(1, 256, 256)], new NodeAttribute("transA", 1L))), StringComparison.Ordinal);
    }

    [Fact]
    public void A_provider_without_the_kernel_and_layers_kept_in_float_are_left_alone()
    {
        var b = new GraphBuilder();
        b.Output("y", b.Op("MatMul", b.Input("x", 4, 256), b.Weights(1, 256, 256)));
        Assert.Equal(1, Quantized.By(b.Model, new TargetProfile { Name = "none" }, new DynamicQuantization(None)).Count("MatMul"));
        Assert.Equal(1, Quantized.By(b.Model, new DynamicQuantization(new HashSet<string> { "y" })).Count("MatMul"));
    }

    private static string Refusal(Func<GraphBuilder, Value> build)
    {
        var b = new GraphBuilder();
        return Quantized.By(b.Output("y", build(b)).Model, new DynamicQuantization(None)).Refusal;
    }
}
