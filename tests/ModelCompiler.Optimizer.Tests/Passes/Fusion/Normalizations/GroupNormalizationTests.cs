using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes.Fusion;
using ModelCompiler.Optimizer.Passes.Fusion.Normalizations;
using ModelCompiler.Optimizer.Targets;
using ModelCompiler.Optimizer.Tests.Support;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Passes.Fusion.Normalizations;

public sealed class GroupNormalizationTests
{
    private static readonly GroupNormalizationFusion Fusion = new();
    private static readonly GroupNormalizationExpansion Expansion = new();
    private static readonly TargetProfile WithKernel = TargetProfile.CpuPortable with { FusedOperators = new HashSet<string> { "GroupNormalization" } };

    [Fact]
    public void Finds_what_pytorch_takes_apart()
    {
        Model model = FusionAssert.Fuses(Fusion, () => Pieces(1f), WithKernel, "GroupNormalization", "Mul", "Add");
        model.InferTypes();
        GraphAssert.Apply(new FoldAffineIntoNormalization(), model);
        Assert.Equal(["GroupNormalization"], model.Graph.Operators());
        SameAnswers.Assert(Pieces(1f), model);
    }

    [Fact]
    public void Stays_in_pieces_on_the_cpu() => FusionAssert.Refuses(Fusion, Pieces(1f), "no kernel for GroupNormalization");

    [Fact]
    public void Leaves_a_scale_by_group_alone() => FusionAssert.LeavesAlone(Fusion, Pieces(2f));

    [Theory]
    [InlineData(18, 2)]
    [InlineData(21, 6)]
    public void Takes_the_operator_apart_for_the_cpu(long opset, int parameters)
    {
        Model Build()
        {
            var b = new GraphBuilder(opset);
            Value y = b.Op("GroupNormalization", [b.Input("x", 2, 6, 4, 5), b.Weights(1, parameters), b.Weights(2, parameters)], new("num_groups", 2L), new("epsilon", 1e-3f));
            return b.Output("y", y).Model;
        }
        string[] pieces = ["Reshape", "InstanceNormalization", "Reshape"];
        FusionAssert.Fuses(Expansion, Build, opset < 21 ? pieces : [.. pieces, "Mul", "Add"]);
    }

    [Fact]
    public void Refuses_to_take_an_image_of_unknown_size_apart()
    {
        var b = new GraphBuilder(21);
        b.Output("y", b.Op("GroupNormalization", [b.Input("x", 2, 6, Dim.Named("h"), 5), b.Weights(1, 6), b.Weights(2, 6)], new NodeAttribute("num_groups", 2L)));
        FusionAssert.Refuses(Expansion, b.Model, "size of the image");
    }

    private static Model Pieces(float scale)
    {
        var b = new GraphBuilder(21);
        Value x = b.Op("Reshape", b.Input("x", 2, 6, 4, 5), b.Constant([0L, 2, -1]));
        x = b.Op("InstanceNormalization", [x, b.Constant([scale, scale]), b.Constant([0f, 0f])], new NodeAttribute("epsilon", 1e-3f));
        x = b.Op("Reshape", x, b.Constant([2L, 6, 4, 5]));
        return b.Output("y", b.Op("Add", b.Op("Mul", x, b.Weights(1, 6, 1, 1)), b.Weights(2, 6, 1, 1))).Model;
    }
}
