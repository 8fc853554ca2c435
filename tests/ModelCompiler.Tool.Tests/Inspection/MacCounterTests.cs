using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Tests.Support;
using ModelCompiler.Tool.Inspection;
using Xunit;

namespace ModelCompiler.Tool.Tests.Inspection;

/// <summary>Each formula against a count by hand; shapes come from inference, as in <c>modelc inspect</c>.</summary>
public class MacCounterTests
{
    [Fact]
    public void Convolution_in_groups()
    {
        // [1, 4, 8, 8] by 3×3 with padding, in 2 groups to 6 channels: 6 · 8 · 8 outputs of 2 · 9 products.
        Assert.Equal(6 * 64 * 18, Count(b => b.Op("Conv", [b.Input("x", 1, 4, 8, 8), b.Weights(1, 6, 2, 3, 3)], new("group", 2L), new("pads", [1L, 1, 1, 1]))));
    }

    [Fact]
    public void Transposed_convolution()
    {
        // 3 · 5 · 5 inputs, each of which meets a kernel of 4 · 2 · 2.
        Assert.Equal(75 * 16, Count(b => b.Op("ConvTranspose", b.Input("x", 1, 3, 5, 5), b.Weights(1, 3, 4, 2, 2))));
    }

    [Fact]
    public void Matrix_products()
    {
        Assert.Equal(2 * 5 * 3, Count(b => b.Op("Gemm", [b.Input("a", 3, 2), b.Weights(1, 3, 5)], new NodeAttribute("transA", 1L))));
        Assert.Equal(7 * 2 * 5 * 3, Count(b => b.Op("MatMul", b.Input("c", 7, 2, 3), b.Weights(2, 3, 5))));
        Assert.Equal(3, Count(b => b.Op("MatMul", b.Input("d", 3), b.Weights(3, 3))));
        Assert.Equal(2 * 3 * 4 * 5, Count(b => b.Op("Einsum", [b.Input("e", 2, 3, 4), b.Weights(4, 4, 5)], new NodeAttribute("equation", "b i k, k j -> b i j"))));
    }

    [Fact]
    public void Recurrent_layers()
    {
        // 7 steps of 2 sequences; both directions have 4 gates of 5 by 3 inputs and 5 states.
        Assert.Equal(7 * 2 * (2 * 20 * (3 + 5)), Count(b =>
            b.Node("LSTM", [b.Input("x", 7, 2, 3), b.Weights(1, 2, 20, 3), b.Weights(2, 2, 20, 5)], 3, "", new("hidden_size", 5L), new("direction", "bidirectional")).Outputs[0]));
    }

    [Fact]
    public void Attention()
    {
        // Q·Kᵀ: 2 · 6 · 10 · 8, and as much with V.
        Assert.Equal(2 * 2 * 6 * 10 * 8, Count(b =>
            b.Contrib("MultiHeadAttention", [b.Input("q", 2, 6, 8), b.Input("k", 2, 10, 8), b.Input("v", 2, 10, 8)], new NodeAttribute("num_heads", 2L))));
        // The projections: 2 · 6 · 8 · 24; then as above with 6 keys.
        Assert.Equal((2 * 6 * 8 * 24) + (2 * 2 * 6 * 6 * 8), Count(b =>
            b.Contrib("Attention", [b.Input("x", 2, 6, 8), b.Weights(1, 8, 24), b.Weights(2, 24)], new NodeAttribute("num_heads", 2L))));
    }

    [Fact]
    public void The_larger_branch_counts_and_loops_are_unknown()
    {
        Assert.Equal(2 * 3 * 9, Count(b =>
        {
            Value x = b.Input("x", 2, 3);
            return b.Op("If", [b.Input("c", ElementType.Bool)], new("then_branch", Branch(b, x, "t", 4)), new("else_branch", Branch(b, x, "e", 9)));
        }));
        Assert.Null(Count(b => b.Op("Loop", [b.Input("n", ElementType.Int64), null, b.Input("s", 3, 3)], new NodeAttribute("body", LoopBody(b)))));
    }

    [Fact]
    public void Unknown_where_a_shape_is()
    {
        Assert.Null(Count(b => b.Op("MatMul", b.Input("x", Dim.Named("n"), 3), b.Weights(1, 3, 5))));
        Assert.Equal(0, Count(b => b.Op("Relu", b.Input("x", Dim.Named("n")))));
    }

    private static Graph Branch(GraphBuilder b, Value x, string name, long width) =>
        b.Subgraph(name, inner => inner.Output(name + "_y", inner.Op("MatMul", x, inner.Weights(1, 3, width)), new TensorType(ElementType.Float, null)));

    private static Graph LoopBody(GraphBuilder b) => b.Subgraph("body", inner =>
    {
        inner.Input("i", ElementType.Int64);
        Value more = inner.Input("more", ElementType.Bool);
        Value state = inner.Input("state", 3, 3);
        inner.Output("more_out", inner.Op("Identity", more), new TensorType(ElementType.Bool, Shape.Scalar));
        inner.Output("state_out", inner.Op("MatMul", state, state), new TensorType(ElementType.Float, Shape.Of(3, 3)));
    });

    private static long? Count(Func<GraphBuilder, Value> build)
    {
        var builder = new GraphBuilder();
        builder.Graph.AddOutput(build(builder));
        builder.Model.InferTypes();
        return MacCounter.Count(builder.Graph);
    }
}
