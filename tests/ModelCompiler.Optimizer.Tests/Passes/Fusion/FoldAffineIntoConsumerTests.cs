using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes.Fusion;
using ModelCompiler.Optimizer.Tests.Support;
using Xunit;
using static ModelCompiler.Optimizer.Tests.Passes.Fusion.FoldAffineIntoProducerTests;

namespace ModelCompiler.Optimizer.Tests.Passes.Fusion;

public sealed class FoldAffineIntoConsumerTests
{
    private static readonly FoldAffineIntoConsumer Pass = new();

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, true)]
    [InlineData(4, true)]
    public void Folds_batch_normalization_before_an_unpadded_convolution(long group, bool hasBias)
    {
        Model Build()
        {
            var b = new GraphBuilder();
            Value x = Normalize(b, b.Input("x", 2, 4, 7, 7), 4), w = b.Weights(1, 8, 4 / group, 3, 3);
            return b.Output("y", b.Op("Conv", hasBias ? [x, w, b.Weights(2, 8)] : [x, w], new NodeAttribute("group", group))).Model;
        }
        FusionAssert.Fuses(Pass, Build, "Conv");
    }

    /// <summary>One channel that is open takes numbers for three, and becomes three.</summary>
    [Fact]
    public void Refuses_channels_that_may_be_broadcast()
    {
        var b = new GraphBuilder();
        Value scaled = b.Op("Mul", b.Input("x", 2, Dim.Named("channels"), 4), b.Weights(1, 1, 3, 1));
        FusionAssert.Refuses(Pass, b.Output("y", b.Op("Conv", scaled, b.Weights(2, 5, 3, 2))).Model, "one channel");
        b = new GraphBuilder();
        scaled = b.Op("Mul", b.Input("x", 3, 4), b.Weights(1, 1, 3, 1));
        FusionAssert.Refuses(Pass, b.Output("y", b.Op("Conv", scaled, b.Weights(2, 5, 3, 2))).Model, "one channel");
    }

    [Fact]
    public void Folds_a_scale_before_a_padded_convolution()
    {
        Model Build()
        {
            var b = new GraphBuilder();
            Value x = b.Op("Mul", b.Input("x", 2, 4, 7, 7), b.Weights(2, 4, 1, 1));
            return b.Output("y", b.Op("Conv", [x, b.Weights(1, 6, 4, 3, 3)], new NodeAttribute("pads", [1L, 1, 1, 1]))).Model;
        }
        FusionAssert.Fuses(Pass, Build, "Conv");
    }

    [Fact]
    public void Folds_a_scale_before_a_transposed_convolution()
    {
        Model Build()
        {
            var b = new GraphBuilder();
            Value x = b.Op("Div", b.Input("x", 2, 4, 5, 5), b.Weights(2, 1, 4, 1, 1));
            return b.Output("y", b.Op("ConvTranspose", [x, b.Weights(1, 4, 3, 3, 3)], new NodeAttribute("group", 2L))).Model;
        }
        FusionAssert.Fuses(Pass, Build, "ConvTranspose");
    }

    [Fact]
    public void Folds_image_normalization_of_a_pointwise_convolution_with_same_padding()
    {
        Model Build()
        {
            var b = new GraphBuilder();
            Value x = b.Op("Div", b.Op("Sub", b.Input("x", 1, 3, 8, 8), b.Constant([0.4f, 0.5f, 0.6f], 1, 3, 1, 1)), b.Constant([0.2f, 0.3f, 0.25f], 3, 1, 1));
            return b.Output("y", b.Op("Conv", [x, b.Weights(1, 6, 3, 1, 1)], new("auto_pad", "SAME_UPPER"), new("strides", [2L, 2]))).Model;
        }
        FusionAssert.Fuses(Pass, Build, "Conv");
    }

    [Theory]
    [InlineData(0, 0, 1f, 1f)]
    [InlineData(1, 0, 0.5f, 1f)]
    [InlineData(0, 1, 2f, 0.25f)]
    [InlineData(1, 1, 1f, 3f)]
    public void Folds_steps_before_a_gemm(long transA, long transB, float alpha, float beta)
    {
        Model Build()
        {
            var b = new GraphBuilder();
            Value x = transA == 0 ? b.Input("x", 4, 3) : b.Input("x", 3, 4);
            Value step = b.Op("Add", b.Op("Mul", x, transA == 0 ? b.Weights(4, 3) : b.Weights(4, 3, 1)), b.Scalar(0.5f));
            NodeAttribute[] attributes = [new("transA", transA), new("transB", transB), new("alpha", alpha), new("beta", beta)];
            return b.Output("y", b.Op("Gemm", [step, transB == 0 ? b.Weights(1, 3, 5) : b.Weights(1, 5, 3), b.Weights(2, 1, 5)], attributes)).Model;
        }
        FusionAssert.Fuses(Pass, Build, "Gemm");
    }

    [Fact]
    public void Folds_steps_before_a_matrix_product_with_a_bias()
    {
        Model Build()
        {
            var b = new GraphBuilder();
            Value step = b.Op("Sub", b.Weights(4, 3), b.Input("x", 2, 4, 3));
            return b.Output("y", b.Op("Add", b.Op("MatMul", step, b.Weights(1, 3, 5)), b.Weights(2, 5))).Model;
        }
        FusionAssert.Fuses(Pass, Build, "MatMul", "Add");
    }

    [Fact]
    public void Folds_a_scale_before_stacked_matrices()
    {
        Model Build()
        {
            var b = new GraphBuilder();
            Value step = b.Op("Mul", b.Input("x", 2, 4, 3), b.Weights(4, 3));
            return b.Output("y", b.Op("MatMul", step, b.Weights(1, 2, 3, 5))).Model;
        }
        FusionAssert.Fuses(Pass, Build, "MatMul");
    }

    [Fact]
    public void Folds_image_normalization_before_the_transposition_to_channels_first()
    {
        Model Build()
        {
            var b = new GraphBuilder();
            Value x = b.Op("Div", b.Op("Sub", b.Input("x", 1, 8, 8, 3), b.Constant([0.4f, 0.5f, 0.6f])), b.Constant([0.2f, 0.3f, 0.25f]));
            x = b.Op("Transpose", [x], new NodeAttribute("perm", [0L, 3, 1, 2]));
            return b.Output("y", b.Op("Conv", x, b.Weights(1, 6, 3, 3, 3))).Model;
        }
        FusionAssert.Fuses(Pass, Build, "Transpose", "Conv");
    }

    [Fact]
    public void Folds_steps_before_the_unsqueeze_of_a_one_dimensional_convolution()
    {
        Model Build()
        {
            var b = new GraphBuilder();
            Value x = b.Op("Unsqueeze", b.Op("Mul", b.Input("x", 2, 4, 9), b.Weights(3, 4, 1)), b.Constant([2L]));
            return b.Output("y", b.Op("Squeeze", b.Op("Conv", x, b.Weights(1, 6, 4, 1, 3)), b.Constant([2L]))).Model;
        }
        FusionAssert.Fuses(Pass, Build, "Unsqueeze", "Conv", "Squeeze");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Folds_the_scale_before_a_shift_that_padding_keeps_out(bool isUniform)
    {
        Model Build()
        {
            var b = new GraphBuilder();
            Value x = b.Op("Div", b.Input("x", 2, 4, 7, 7), isUniform ? b.Constant([6f]) : b.Constant([1f, -2f, 3f, 4f], 4, 1, 1));
            x = b.Op("Sub", x, b.Scalar(0.3f));
            return b.Output("y", b.Op("Conv", [x, b.Weights(1, 6, 4, 3, 3)], new NodeAttribute("pads", [1L, 1, 1, 1]))).Model;
        }
        FusionAssert.Fuses(Pass, Build, "Add", "Conv");
    }

    [Fact]
    public void Refuses_to_take_a_layer_normalization_in_pieces_apart()
    {
        var b = new GraphBuilder(13);
        Value x = b.Input("x", 2, 12), d = b.Op("Sub", x, b.Op("ReduceMean", [x], new NodeAttribute("axes", [-1L])));
        Value root = b.Op("Sqrt", b.Op("Add", b.Op("ReduceMean", [b.Op("Mul", d, d)], new NodeAttribute("axes", [-1L])), b.Scalar(1e-5f)));
        Value y = b.Op("Add", b.Op("Mul", b.Op("Div", d, root), b.Weights(1, 12)), b.Weights(2, 12));
        b.Output("y", b.Op("Gemm", y, b.Weights(3, 12, 4)));
        FusionAssert.Refuses(Pass, b.Model, "layer normalization in pieces");
    }

    [Theory]
    [InlineData(0f)]
    [InlineData(0.001f)]
    public void Leaves_the_scale_alone_where_it_is_small_beside_the_shift(float scale)
    {
        var b = new GraphBuilder();
        Value x = b.Op("Add", b.Op("Mul", b.Input("x", 2, 4, 7, 7), b.Constant([1f, scale, 3f, 4f], 4, 1, 1)), b.Scalar(0.3f));
        b.Output("y", b.Op("Conv", [x, b.Weights(1, 6, 4, 3, 3)], new NodeAttribute("pads", [1L, 1, 1, 1])));
        FusionAssert.Refuses(Pass, b.Model, "pads its input with zeros");
    }

    [Fact]
    public void Leaves_an_add_before_a_product_without_bias_alone()
    {
        var b = new GraphBuilder();
        b.Output("y", b.Op("MatMul", b.Op("Add", b.Input("x", 2, 4, 3), b.Weights(4, 3)), b.Weights(1, 3, 5)));
        FusionAssert.LeavesAlone(Pass, b.Model);
    }

    [Fact]
    public void Leaves_a_step_alone_that_is_the_weights_of_a_product()
    {
        var b = new GraphBuilder();
        Value w = b.Op("Mul", b.Input("w", 3, 5), b.Weights(4, 5));
        b.Output("y", b.Op("MatMul", b.Input("x", 2, 3), w));
        FusionAssert.LeavesAlone(Pass, b.Model);
    }

    [Fact]
    public void Refuses_a_shift_before_padding()
    {
        foreach (NodeAttribute padding in new NodeAttribute[] { new("pads", [0L, 0, 0, 1]), new("auto_pad", "SAME_LOWER") })
        {
            var b = new GraphBuilder();
            b.Output("y", b.Op("Conv", [Normalize(b, b.Input("x", 2, 4, 7, 7), 4), b.Weights(1, 6, 4, 3, 3)], padding));
            FusionAssert.Refuses(Pass, b.Model, "pads its input with zeros");
        }
    }

    [Fact]
    public void Refuses_a_shift_before_a_transposed_convolution()
    {
        var b = new GraphBuilder();
        b.Output("y", b.Op("ConvTranspose", Normalize(b, b.Input("x", 2, 4, 7, 7), 4), b.Weights(1, 4, 6, 3, 3)));
        FusionAssert.Refuses(Pass, b.Model, "edges");
    }

    [Fact]
    public void Refuses_when_another_node_reads_the_normalized_value()
    {
        var b = new GraphBuilder();
        Value normalized = Normalize(b, b.Input("x", 2, 4, 7, 7), 4);
        b.Output("y", b.Op("Conv", normalized, b.Weights(1, 6, 4, 3, 3))).Output("r", b.Op("Relu", normalized));
        FusionAssert.Refuses(Pass, b.Model, "'Relu_2 (Relu)'");
    }

    [Fact]
    public void Says_why_a_batch_normalization_stays()
    {
        var b = new GraphBuilder();
        b.Output("y", Normalize(b, b.Op("Relu", b.Input("x", 2, 4, 7, 7)), 4));
        FusionAssert.Refuses(Pass, b.Model, "before or after it");
    }
}
