using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes;
using ModelCompiler.Optimizer.Passes.Quantization;
using ModelCompiler.Optimizer.Targets;
using ModelCompiler.Optimizer.Tests.Passes.Fusion;
using ModelCompiler.Optimizer.Tests.Quantization;
using ModelCompiler.Optimizer.Tests.Support;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Passes.Quantization;

public sealed class SumsToAdditionsTests
{
    [Fact]
    public void A_sum_of_three_becomes_two_additions() => FusionAssert.Fuses(new SumsToAdditions(), () =>
    {
        var b = new GraphBuilder();
        return b.Output("y", b.Op("Sum", b.Input("x", 2, 4), b.Input("z", 4), b.Weights(1, 2, 1))).Model;
    }, "Add", "Add");

    [Fact]
    public void Before_additions_broadcast_it_is_left_alone()
    {
        var b = new GraphBuilder(6);
        b.Output("y", b.Op("Sum", b.Input("x", 2, 4), b.Input("z", 2, 4)));
        FusionAssert.LeavesAlone(new SumsToAdditions(), b.Model);
    }

    [Fact]
    public void A_residual_that_is_written_as_a_sum_runs_on_integers()
    {
        var b = new GraphBuilder();
        Value x = b.Op("Conv", b.Input("x", 1, 8, 6, 6), b.Weights(1, 8, 8, 1, 1)), inner = b.Op("Conv", x, b.Weights(2, 8, 8, 1, 1));
        b.Output("y", b.Op("Conv", b.Op("Sum", x, inner), b.Weights(3, 8, 8, 1, 1)));
        b.Model.InferTypes();
        PassPipeline.BeforeQuantization.Run(new PassContext(b.Model, TargetProfile.CpuPortable), TestContext.Current.CancellationToken);
        StaticInt8 result = StaticInt8.Of(b.Model);
        Assert.Equal((3, 1), (result.Count("QLinearConv"), result.Count("QLinearAdd")));
        Assert.Equal((1, 1), (result.Count("QuantizeLinear"), result.Count("DequantizeLinear")));
    }
}
