using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Compilation;
using ModelCompiler.Optimizer.Passes.Fusion.Windows;
using ModelCompiler.Optimizer.Tests.Support;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Passes.Fusion.Windows;

/// <summary>Of each, ONNX Runtime with its own rewrites answers something else without the pass, or refuses it.</summary>
public sealed class PaddedPoolsTests
{
    private static readonly PaddedPools Pass = new();

    public enum PadValue { None, Missing, Zero }

    [Theory]
    [InlineData(9, PadValue.None, 0, 1)]
    [InlineData(10, PadValue.None, 1, 3)]
    [InlineData(12, PadValue.None, 0, 1)]
    [InlineData(13, PadValue.Zero, 0, 1)]
    [InlineData(13, PadValue.Zero, 1, 1)]
    [InlineData(18, PadValue.None, 1, 1)]
    [InlineData(22, PadValue.None, 1, 3)]
    [InlineData(22, PadValue.Missing, 1, 3)]
    public void Keeps_zeros_around_a_maximum(long opset, PadValue value, long own, long padding)
    {
        Model model = Pooled(opset, value, own, padding);
        GraphAssert.Apply(Pass, model);
        Assert.Equal(["Pad", "MaxPool"], model.Graph.Operators());
        GraphAssert.SecondRunChangesNothing(Pass, model);
        SameAnswers.Assert(Pooled(opset, value, own, padding), model);
    }

    [Fact]
    public void An_average_over_padding_as_wide_as_its_window_is_not_refused()
    {
        Model Build()
        {
            var b = new GraphBuilder();
            Value padded = b.Op("Pad", b.Input("x", 1, 2, 6, 6), b.Constant([0L, 0, 1, 1, 0, 0, 1, 1]), b.Scalar(0f));
            return b.Output("y", b.Op("AveragePool", [padded], new("kernel_shape", [1L, 2]), new NodeAttribute("count_include_pad", 1L))).Model;
        }
        SameAnswers.Assert(Build(), Compiler.Compile(Build(), new CompileOptions { MeasureLatency = false }, cancellationToken: TestContext.Current.CancellationToken).Model);
    }

    [Theory]
    [InlineData(PadValue.Zero, 0, 1)]
    [InlineData(PadValue.None, 1, 1)]
    [InlineData(PadValue.Missing, 1, 3)]
    public void The_compiled_model_keeps_them(PadValue value, long own, long padding)
    {
        Model model = Compiler.Compile(Pooled(13, value, own, padding), new CompileOptions { MeasureLatency = false }, cancellationToken: TestContext.Current.CancellationToken).Model;
        SameAnswers.Assert(Pooled(13, value, own, padding), model);
    }

    [Fact]
    public void A_cast_between_them_changes_nothing()
    {
        Model Build()
        {
            var b = new GraphBuilder();
            Value cast = b.Op("Cast", [b.Op("Pad", b.Input("x", ElementType.Double, 1, 2, 6, 6), b.Constant([0L, 0, 1, 1, 0, 0, 1, 1]))], new NodeAttribute("to", (long)ElementType.Float));
            return b.Output("y", b.Op("MaxPool", [cast], new NodeAttribute("kernel_shape", [3L, 3]))).Model;
        }
        Model model = Build();
        GraphAssert.Apply(Pass, model);
        SameAnswers.Assert(Build(), model);
    }

    [Fact]
    public void Other_numbers_and_other_windows_are_left()
    {
        var b = new GraphBuilder();
        Value x = b.Input("x", 1, 2, 6, 6), pads = b.Constant([0L, 0, 1, 1, 0, 0, 1, 1]);
        b.Output("y", b.Op("MaxPool", [b.Op("Pad", x, pads, b.Scalar(1f))], new NodeAttribute("kernel_shape", [3L, 3])));
        b.Output("a", b.Op("AveragePool", [b.Op("Pad", x, pads)], new NodeAttribute("kernel_shape", [3L, 3])));
        b.Output("z", b.Op("Conv", b.Op("Pad", x, pads), b.Weights(1, 2, 2, 3, 3)));
        BitExact.LeavesAlone(Pass, b.Model);
    }

    private static Model Pooled(long opset, PadValue value, long own, long padding)
    {
        var b = new GraphBuilder(opset);
        Value x = b.Input("x", 2, 2, 6, 6);
        long[] pads = [0, 0, padding, 1, 0, 0, 0, padding];
        Value padded = (opset, value) switch
        {
            ( < 11, _) => b.Op("Pad", [x], new NodeAttribute("pads", pads)),
            (_, PadValue.None) => b.Op("Pad", x, b.Constant(pads)),
            (_, PadValue.Missing) => b.Op("Pad", x, b.Constant(pads), null),
            _ => b.Op("Pad", x, b.Constant(pads), b.Scalar(0f)),
        };
        return b.Output("y", b.Op("MaxPool", [padded], new("kernel_shape", [2L, 3]), new NodeAttribute("pads", [own, own, 0, own]))).Model;
    }
}
