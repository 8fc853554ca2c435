using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes.Fusion.Products;
using ModelCompiler.Optimizer.Passes.Quantization;
using ModelCompiler.Optimizer.Tests.Support;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Passes.Fusion.Products;

public sealed class GemmTests
{
    private static readonly MatMulAddToGemm Add = new();
    private static readonly TransposeIntoGemm Transpose = new();

    public static TheoryData<long[], bool> Biases => new() { { [5], false }, { [1, 5], true }, { [], false }, { [1], true }, { [1, 1], false }, { [3, 1], true }, { [3, 5], false } };

    [Theory]
    [MemberData(nameof(Biases))]
    public void Joins_a_product_and_a_sum(long[] bias, bool isFirst)
    {
        Model Build()
        {
            var b = new GraphBuilder();
            Value product = b.Op("MatMul", b.Input("x", 3, 4), b.Weights(1, 4, 5)), c = b.Weights(2, bias);
            return b.Output("y", isFirst ? b.Op("Add", c, product) : b.Op("Add", product, c)).Model;
        }
        FusionAssert.Fuses(Add, Build, "Gemm");
    }

    [Fact]
    public void Joins_computed_operands_and_a_dynamic_batch()
    {
        Model Build()
        {
            var b = new GraphBuilder();
            Value product = b.Op("MatMul", b.Input("x", Dim.Named("n"), 4), b.Input("w", 4, 5));
            return b.Output("y", b.Op("Add", product, b.Op("Neg", b.Input("c", Dim.Named("n"), 5)))).Model;
        }
        FusionAssert.Fuses(Add, Build, "Neg", "Gemm");
    }

    [Fact]
    public void Joins_a_gemm_without_bias()
    {
        Model Build()
        {
            var b = new GraphBuilder();
            Value product = b.Op("Gemm", [b.Input("x", 4, 3), b.Weights(1, 5, 4)], new("transA", 1L), new("transB", 1L), new("alpha", 0.5f));
            return b.Output("y", b.Op("Add", product, b.Weights(2, 3, 5))).Model;
        }
        FusionAssert.Fuses(Add, Build, "Gemm");
    }

    [Fact]
    public void Leaves_stacks_of_matrices_and_growing_sums_alone()
    {
        var b = new GraphBuilder();
        b.Output("stack", b.Op("Add", b.Op("MatMul", b.Input("x", 2, 3, 4), b.Weights(1, 4, 5)), b.Weights(2, 5)));
        b.Output("grows", b.Op("Add", b.Op("MatMul", b.Input("z", 1, 4), b.Weights(3, 4, 5)), b.Input("c", 3, 5)));
        b.Output("unknown", b.Op("Add", b.Op("MatMul", b.Input("u", Dim.Named("n"), 4), b.Weights(3, 4, 5)), b.Input("d", Dim.Named("m"), 5)));
        b.Output("integers", b.Op("Add", b.Op("MatMul", b.Input("i", ElementType.Int32, 3, 4), b.Input("j", ElementType.Int32, 4, 5)), b.Input("k", ElementType.Int32, 5)));
        FusionAssert.LeavesAlone(Add, b.Model);
    }

    [Fact]
    public void Leaves_weights_whose_sum_is_computed_to_the_precisions()
    {
        var b = new GraphBuilder();
        Value x = b.Input("x", 300, 300);
        FusionAssert.Refuses(Add, b.Output("y", b.Op("Add", b.Op("MatMul", x, b.Weights(1, 300, 300)), x)).Model, "the other summand is computed");
        Assert.Equal(1, Quantized.By(b.Model, Add, new DynamicQuantization(new HashSet<string>())).Count("DynamicQuantizeMatMul"));
    }

    [Fact]
    public void Refuses_a_product_that_another_node_reads()
    {
        var b = new GraphBuilder();
        Value product = b.Op("MatMul", b.Input("x", 3, 4), b.Weights(1, 4, 5));
        b.Output("y", b.Op("Add", product, b.Weights(2, 5))).Output("z", b.Op("Relu", product));
        FusionAssert.Refuses(Add, b.Model, "used by more than one node");
    }

    [Theory]
    [InlineData("Gemm", true, false)]
    [InlineData("Gemm", false, true)]
    [InlineData("MatMul", true, true)]
    [InlineData("MatMul", false, true)]
    public void Takes_over_transpositions(string op, bool first, bool second)
    {
        Model Build()
        {
            var b = new GraphBuilder();
            Value x = first ? Transposed(b, b.Input("x", 4, 3)) : b.Input("x", 3, 4);
            Value w = second ? b.Op("Transpose", b.Input("w", 5, 4)) : b.Input("w", 4, 5);
            return b.Output("y", b.Op(op, x, w)).Model;
        }
        FusionAssert.Fuses(Transpose, Build, "Gemm");
    }

    [Fact]
    public void Leaves_a_transposition_alone_that_another_node_reads()
    {
        var b = new GraphBuilder();
        Value x = Transposed(b, b.Input("x", 4, 3));
        b.Output("y", b.Op("Gemm", x, b.Weights(1, 4, 5))).Output("z", b.Op("Relu", x));
        FusionAssert.LeavesAlone(Transpose, b.Model);
    }

    private static Value Transposed(GraphBuilder b, Value x) => b.Op("Transpose", [x], new NodeAttribute("perm", [1L, 0]));

    [Fact]
    public void Takes_weights_of_rank_3_for_the_matrix_that_they_are()
    {
        Model Build()
        {
            var b = new GraphBuilder();
            return b.Output("y", b.Op("MatMul", b.Input("x", Dim.Named("n"), 3, 4), b.Weights(1, 1, 4, 5))).Model;
        }
        Model model = FusionAssert.Fuses(new MatrixWeights(), Build, "MatMul");
        Assert.Equal(2, model.Graph.Nodes.Single().Constant(1)!.Rank);
    }

    [Fact]
    public void Leaves_several_matrices_and_those_that_give_the_result_its_rank_alone()
    {
        var b = new GraphBuilder();
        b.Output("several", b.Op("MatMul", b.Input("x", 2, 3, 4), b.Weights(1, 2, 4, 5)));
        b.Output("rank", b.Op("MatMul", b.Input("z", 3, 4), b.Weights(2, 1, 4, 5)));
        FusionAssert.LeavesAlone(new MatrixWeights(), b.Model);
    }
}
