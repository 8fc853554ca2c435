using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes.Fusion.Activations;
using ModelCompiler.Optimizer.Targets;
using ModelCompiler.Optimizer.Tests.Support;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Passes.Fusion.Activations;

public sealed class PReluExpansionTests
{
    private static readonly PReluExpansion Pass = new();

    [Fact]
    public void Becomes_the_larger_of_two_for_slopes_up_to_one()
    {
        FusionAssert.Fuses(Pass, () => Build([0.1f, 1f, 0.25f, 1e-20f]), "Mul", "Mul", "Max");
    }

    [Theory]
    [InlineData(-0.5f)]
    [InlineData(0f)]
    [InlineData(1.5f)]
    public void Becomes_a_sum_of_halves_for_other_slopes(float slope)
    {
        FusionAssert.Fuses(Pass, () => Build([0.1f, slope, 0.25f, 1f]), "Mul", "Min", "Mul", "Relu", "Add");
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.NegativeInfinity)]
    public void Refuses_slopes_that_are_no_numbers(float slope) => FusionAssert.Refuses(Pass, Build([0.1f, slope]), "NaN or infinite");

    [Fact]
    public void Leaves_single_slopes_and_computed_ones_alone_and_providers_with_a_kernel()
    {
        var b = new GraphBuilder();
        b.Output("one", b.Op("PRelu", b.Input("x", 2, 4), b.Constant([0.5f]))).Output("computed", b.Op("PRelu", b.Input("z", 2, 4), b.Input("slope", 4)));
        FusionAssert.LeavesAlone(Pass, b.Model);
        Model model = Build([0.1f, 0.2f, 0.3f, 0.4f]);
        Assert.Empty(GraphAssert.Apply(Pass, model, TargetProfile.CpuPortable with { ExpandedOperators = new HashSet<string>() }).Events);
    }

    private static Model Build(float[] slopes)
    {
        var b = new GraphBuilder();
        Value x = b.Op("Mul", b.Input("x", 1, 1, 1), b.Constant(TestTensors.Special(4, slopes.Length, 4)));
        return b.Output("y", b.Op("PRelu", x, b.Constant(slopes, slopes.Length, 1))).Model;
    }
}
