using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes.Fusion.Windows;
using ModelCompiler.Optimizer.Tests.Support;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Passes.Fusion.Windows;

public sealed class FoldPadIntoWindowTests
{
    private static readonly FoldPadIntoWindow Pass = new();

    [Theory]
    [InlineData(9)]
    [InlineData(11)]
    [InlineData(18)]
    public void Folds_into_a_convolution(long opset)
    {
        Model Build()
        {
            var b = new GraphBuilder(opset);
            Value padded = Pad(b, b.Input("x", 1, 4, 7, 6), [0, 0, 1, 2, 0, 0, 3, 0]);
            return b.Output("y", b.Op("Conv", [padded, b.Weights(1, 6, 4, 3, 3)], new NodeAttribute("pads", [0L, 1, 2, 0]))).Model;
        }
        Model model = FusionAssert.Fuses(Pass, Build, "Conv");
        Assert.Equal([1L, 3, 5, 0], model.Graph.Nodes.First!.Attributes.GetInts("pads")!);
    }

    [Fact]
    public void Folds_axes_and_a_depthwise_convolution_that_says_valid()
    {
        Model Build()
        {
            var b = new GraphBuilder(18);
            Value padded = b.Op("Pad", b.Input("x", 1, 4, 7, 7), b.Constant([1L, 0, 1, 1]), b.Scalar(0f), b.Constant([-1L, 2]));
            return b.Output("y", b.Op("Conv", [padded, b.Weights(1, 4, 1, 3, 3)], new("auto_pad", "VALID"), new("group", 4L), new("strides", [2L, 2]))).Model;
        }
        Model model = FusionAssert.Fuses(Pass, Build, "Conv");
        Assert.Equal([0L, 1, 1, 1], model.Graph.Nodes.First!.Attributes.GetInts("pads")!);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Folds_into_an_average_that_then_counts_the_padding(bool countsAlready)
    {
        Model Build()
        {
            var b = new GraphBuilder();
            Value padded = Pad(b, b.Input("x", 1, 2, 6, 6), [0, 0, 1, 0, 0, 0, 0, 1]);
            NodeAttribute[] attributes = countsAlready ? [new("kernel_shape", [3L, 3]), new("count_include_pad", 1L), new("pads", [1L, 0, 0, 0])] : [new("kernel_shape", [3L, 3])];
            return b.Output("y", b.Op("AveragePool", [padded], attributes)).Model;
        }
        FusionAssert.Fuses(Pass, Build, "AveragePool");
    }

    [Fact]
    public void Folds_into_a_maximum_of_what_is_never_negative_or_under_minus_infinity()
    {
        Model Zeros()
        {
            var b = new GraphBuilder();
            Value padded = Pad(b, b.Op("Relu", b.Input("x", 1, 2, 6, 6)), [0, 0, 1, 1, 0, 0, 1, 1]);
            return b.Output("y", b.Op("MaxPool", [padded], new("kernel_shape", [3L, 3]), new("strides", [2L, 2]))).Model;
        }
        Model Infinity()
        {
            var b = new GraphBuilder();
            Value padded = Pad(b, b.Input("x", 1, 2, 6, 6), [0, 0, 1, 1, 0, 0, 1, 1], float.NegativeInfinity);
            return b.Output("y", b.Op("MaxPool", [padded], new NodeAttribute("kernel_shape", [2L, 2]))).Model;
        }
        FusionAssert.FusesUpToOverflow(Pass, Zeros, "Relu", "MaxPool");
        FusionAssert.FusesUpToOverflow(Pass, Infinity, "MaxPool");
    }

    [Fact]
    public void Keeps_a_pad_that_another_node_reads()
    {
        Model Build()
        {
            var b = new GraphBuilder();
            Value padded = Pad(b, b.Input("x", 1, 4, 7, 7), [0, 0, 1, 1, 0, 0, 1, 1]);
            b.Output("r", b.Op("Relu", padded));
            return b.Output("y", b.Op("Conv", padded, b.Weights(1, 6, 4, 3, 3))).Model;
        }
        FusionAssert.Fuses(Pass, Build, "Pad", "Relu", "Conv");
    }

    public static TheoryData<string, string, long[], float, string> Refusals => new()
    {
        { "Conv", "reflect", [0, 0, 1, 1, 0, 0, 1, 1], 0, "mode 'reflect'" },
        { "Conv", "constant", [0, 0, 1, 1, 0, 0, 1, 1], 1, "adds 1, not zero" },
        { "Conv", "constant", [0, 0, 1, 1, 0, 0, 1, 1], float.NaN, "adds NaN, not zero" },
        { "Conv", "constant", [0, 0, 2, 2, 0, 0, -1, 0], 0, "crops" },
        { "Conv", "constant", [0, 1, 0, 0, 0, 0, 0, 0], 0, "pads the batch or the channels" },
        { "MaxPool", "constant", [0, 0, 1, 1, 0, 0, 1, 1], 0, "may be the maximum" },
        { "AveragePool", "constant", [0, 0, 3, 0, 0, 0, 0, 0], 0, "as wide as the kernel" },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public void Refuses(string op, string mode, long[] pads, float value, string reason)
    {
        var b = new GraphBuilder();
        Value padded = b.Op("Pad", [b.Input("x", 1, 4, 7, 7), b.Constant(pads), b.Scalar(value)], new NodeAttribute("mode", mode));
        b.Output("y", op == "Conv" ? b.Op("Conv", padded, b.Weights(1, 6, pads[1] + 4, 3, 3)) : b.Op(op, [padded], new NodeAttribute("kernel_shape", [3L, 3])));
        FusionAssert.Refuses(Pass, b.Model, reason);
    }

    [Fact]
    public void Refuses_windows_whose_size_or_answer_depends_on_what_is_padding()
    {
        NodeAttribute kernel = new("kernel_shape", [2L, 2]);
        Refuse("ceil_mode", kernel, new("ceil_mode", 1L), "rounds its size up");
        Refuse("auto_pad", kernel, new("auto_pad", "SAME_UPPER"), "to keep the size");
        Refuse("pads", kernel, new("pads", [1L, 0, 0, 0]), "does not count its own padding");

        static void Refuse(string name, NodeAttribute kernel, NodeAttribute attribute, string reason)
        {
            var b = new GraphBuilder();
            Value padded = Pad(b, b.Op("Relu", b.Input("x", 1, 2, 6, 6)), [0, 0, 1, 0, 0, 0, 0, 0]);
            b.Output(name, b.Op("AveragePool", [padded], kernel, attribute));
            FusionAssert.Refuses(Pass, b.Model, reason);
        }
    }

    private static Value Pad(GraphBuilder b, Value x, long[] pads, float value = 0) => b.Model.Opset < 11
        ? b.Op("Pad", [x], new("pads", pads), new("value", value))
        : b.Op("Pad", x, b.Constant(pads), b.Scalar(value));
}
