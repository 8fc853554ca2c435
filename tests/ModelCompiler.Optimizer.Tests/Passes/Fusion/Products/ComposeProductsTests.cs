using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes.Fusion.Products;
using ModelCompiler.Optimizer.Tests.Support;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Passes.Fusion.Products;

public sealed class ComposeProductsTests
{
    private static readonly ComposeProducts Pass = new();

    [Theory]
    [InlineData(1, 1, true)]
    [InlineData(3, 1, true)]
    [InlineData(3, 1, false)]
    [InlineData(1, 3, true)]
    public void Composes_a_pointwise_convolution_with_another(long firstKernel, long secondKernel, bool hasBias)
    {
        Model Build()
        {
            var b = new GraphBuilder();
            Value x = Conv(b, b.Input("x", 2, 4, 9, 9), 16, 4, firstKernel, hasBias, new NodeAttribute("strides", new long[] { firstKernel > 1 ? 2 : 1, 1 }));
            return b.Output("y", Conv(b, x, 5, 16, secondKernel, hasBias)).Model;
        }
        FusionAssert.FusesUpToOverflow(Pass, Build, "Conv");
    }

    [Fact]
    public void Keeps_the_window_of_the_one_that_has_one()
    {
        Model Build()
        {
            var b = new GraphBuilder();
            Value x = Conv(b, b.Input("x", 1, 4, 9, 9), 16, 4, 3, true, new("pads", [1L, 1, 2, 2]), new("dilations", [2L, 2]), new("kernel_shape", [3L, 3]));
            return b.Output("y", Conv(b, x, 5, 16, 1, true, new("pads", [0L, 0, 0, 0]), new("kernel_shape", [1L, 1]))).Model;
        }
        FusionAssert.FusesUpToOverflow(Pass, Build, "Conv");
    }

    [Fact]
    public void Composes_before_padding_where_the_first_has_no_bias()
    {
        Model Build(bool hasBias)
        {
            var b = new GraphBuilder();
            Value x = Conv(b, b.Input("x", 1, 4, 9, 9), 16, 4, 1, hasBias);
            return b.Output("y", Conv(b, x, 5, 16, 3, true, new NodeAttribute("pads", [1L, 1, 1, 1]))).Model;
        }
        FusionAssert.FusesUpToOverflow(Pass, () => Build(false), "Conv");
        FusionAssert.Refuses(Pass, Build(true), "pads its input with zeros");
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public void Composes_matrix_products(bool firstIsGemm, bool secondIsGemm)
    {
        Model Build()
        {
            var b = new GraphBuilder();
            Value x = Linear(b, b.Input("x", 3, 4), 4, 16, firstIsGemm, 1);
            return b.Output("y", Linear(b, x, 16, 5, secondIsGemm, 3)).Model;
        }
        FusionAssert.FusesUpToOverflow(Pass, Build, secondIsGemm ? ["Gemm"] : ["MatMul", "Add"]);
    }

    [Fact]
    public void Composes_chains_of_tokens_into_one()
    {
        Model Build()
        {
            var b = new GraphBuilder();
            Value x = b.Input("x", Dim.Named("n"), 7, 4);
            for (int i = 0; i < 3; i++) x = b.Op("MatMul", x, b.Weights(i, i == 0 ? 4 : 32, i == 2 ? 4 : 32));
            return b.Output("y", x).Model;
        }
        FusionAssert.FusesUpToOverflow(Pass, Build, "MatMul");
    }

    [Fact]
    public void Leaves_bottlenecks_groups_and_two_windows_alone()
    {
        var b = new GraphBuilder();
        Value x = b.Input("x", 1, 16, 9, 9);
        b.Output("bottleneck", Conv(b, Conv(b, x, 2, 16, 1, true), 16, 2, 1, true));
        b.Output("groups", Conv(b, b.Op("Conv", [x, b.Weights(1, 16, 1, 3, 3)], new NodeAttribute("group", 16L)), 4, 16, 1, true));
        b.Output("windows", Conv(b, Conv(b, x, 64, 16, 3, true), 4, 64, 3, true));
        b.Output("activation", Conv(b, b.Op("Relu", Conv(b, x, 64, 16, 1, true)), 4, 64, 1, true));
        FusionAssert.LeavesAlone(Pass, b.Model);
    }

    [Fact]
    public void Refuses_when_the_first_is_read_elsewhere()
    {
        var b = new GraphBuilder();
        Value x = Conv(b, b.Input("x", 1, 4, 9, 9), 64, 4, 1, true);
        b.Output("y", Conv(b, x, 4, 64, 1, true)).Output("z", b.Op("Relu", x));
        FusionAssert.Refuses(Pass, b.Model, "'Relu_2 (Relu)'");
    }

    private static Value Conv(GraphBuilder b, Value x, long outputs, long inputs, long kernel, bool hasBias, params NodeAttribute[] attributes)
    {
        Value w = b.Weights((int)outputs, outputs, inputs, kernel, kernel);
        return b.Op("Conv", hasBias ? [x, w, b.Weights(7, outputs)] : [x, w], attributes);
    }

    private static Value Linear(GraphBuilder b, Value x, long inputs, long outputs, bool isGemm, int seed) => isGemm
        ? b.Op("Gemm", [x, b.Weights(seed, outputs, inputs), b.Weights(seed + 1, outputs)], new("transB", 1L), new("alpha", 0.5f), new("beta", 2f))
        : b.Op("Add", b.Op("MatMul", x, b.Weights(seed, inputs, outputs)), b.Weights(seed + 1, outputs));
}
