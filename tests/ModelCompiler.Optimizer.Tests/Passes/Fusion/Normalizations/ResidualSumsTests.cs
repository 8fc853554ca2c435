using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes.Fusion.Normalizations;
using ModelCompiler.Optimizer.Quantization;
using ModelCompiler.Optimizer.Targets;
using ModelCompiler.Optimizer.Tests.Support;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Passes.Fusion.Normalizations;

public sealed class ResidualSumsTests
{
    private static readonly ResidualSums Pass = new();

    [Fact]
    public void ONNX_Runtime_does_not_join_the_sum_with_the_normalization()
    {
        Assert.Contains("SkipLayerNormalization", FusedGraph.Of(OnnxWriter.ToBytes(Residual(b => b.Input("y", 2, 4, 8)))).Operators.Keys);
        Model model = FusionAssert.Fuses(Pass, () => Residual(b => b.Input("y", 2, 4, 8)), "Sum", "LayerNormalization");
        Assert.Equal(["LayerNormalization", "Sum"], FusedGraph.Of(OnnxWriter.ToBytes(model)).Operators.Keys.Order());
    }

    [Fact]
    public void Positions_that_all_samples_share_are_added_so_too() =>
        FusionAssert.Fuses(Pass, () => Residual(b => b.Weights(1, 1, 4, 8)), "Sum", "LayerNormalization");

    [Fact]
    public void Finds_a_normalization_in_pieces()
    {
        Model model = FusionAssert.Fuses(Pass, Pieces, "Sum", "ReduceMean", "Sub", "Pow", "ReduceMean", "Add", "Sqrt", "Div", "Mul", "Add");
        Assert.DoesNotContain("SkipLayerNormalization", FusedGraph.Of(OnnxWriter.ToBytes(model)).Operators.Keys);
        Assert.Contains("SkipLayerNormalization", FusedGraph.Of(OnnxWriter.ToBytes(Pieces())).Operators.Keys);
    }

    [Fact]
    public void Leaves_biases_and_sums_that_are_read_elsewhere_and_other_providers_alone()
    {
        FusionAssert.LeavesAlone(Pass, Residual(b => b.Weights(1, 8)));
        var b = new GraphBuilder();
        Value sum = b.Op("Add", b.Input("x", 2, 8), b.Input("y", 2, 8));
        b.Output("z", b.Op("LayerNormalization", sum, b.Weights(2, 8))).Output("sum", sum);
        FusionAssert.LeavesAlone(Pass, b.Model);
        Model model = Residual(c => c.Input("y", 2, 4, 8));
        model.InferTypes();
        Assert.Empty(GraphAssert.Apply(Pass, model, TargetProfile.CpuPortable with { ExpandedOperators = new HashSet<string>() }).Events);
    }

    private static Model Residual(Func<GraphBuilder, Value> other)
    {
        var b = new GraphBuilder();
        return b.Output("z", b.Op("LayerNormalization", b.Op("Add", b.Input("x", 2, 4, 8), other(b)), b.Weights(2, 8), b.Weights(3, 8))).Model;
    }

    private static Model Pieces()
    {
        var b = new GraphBuilder(13);
        Value x = b.Op("Add", b.Input("x", 2, 4, 8), b.Input("y", 2, 4, 8)), d = b.Op("Sub", x, Mean(b, x));
        Value normalized = b.Op("Div", d, b.Op("Sqrt", b.Op("Add", Mean(b, b.Op("Pow", d, b.Scalar(2f))), b.Scalar(1e-5f))));
        return b.Output("z", b.Op("Add", b.Op("Mul", normalized, b.Weights(2, 8)), b.Weights(3, 8))).Model;
    }

    private static Value Mean(GraphBuilder b, Value x) => b.Op("ReduceMean", [x], new NodeAttribute("axes", [-1L]));
}
