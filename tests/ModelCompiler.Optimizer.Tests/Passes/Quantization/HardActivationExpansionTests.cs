using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes;
using ModelCompiler.Optimizer.Targets;
using ModelCompiler.Optimizer.Tests.Quantization;
using ModelCompiler.Optimizer.Tests.Support;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Passes.Quantization;

public class HardActivationExpansionTests
{
    [Theory]
    [InlineData("HardSwish")]
    [InlineData("HardSigmoid")]
    public void Between_convolutions_it_runs_on_integers_without_conversions(string activation)
    {
        StaticInt8 result = StaticInt8.Of(Prepared(activation));
        Assert.Equal(2, result.Count("QLinearConv"));
        Assert.Equal((1, 1), (result.Count("QuantizeLinear"), result.Count("DequantizeLinear")));
        Assert.Equal(0, result.Count(activation));
        Assert.InRange(result.WorstCosine, 0.999, 1);
    }

    [Fact]
    public void In_floating_point_it_is_put_together_again_and_nothing_is_left_of_its_factor()
    {
        Model model = Prepared("HardSwish");
        PassPipeline.Float.Run(new PassContext(model, TargetProfile.CpuPortable), TestContext.Current.CancellationToken);
        Assert.Equal(["Conv", "HardSwish", "Conv"], model.Graph.Nodes.Select(node => node.OpType));
    }

    [Fact]
    public void A_slope_that_is_not_positive_is_left_alone()
    {
        var b = new GraphBuilder();
        b.Output("y", b.Op("HardSigmoid", [b.Input("x", 4)], new NodeAttribute("alpha", -1f)));
        b.Model.InferTypes();
        PassPipeline.BeforeQuantization.Run(new PassContext(b.Model, TargetProfile.CpuPortable), TestContext.Current.CancellationToken);
        Assert.Equal(["HardSigmoid"], b.Graph.Nodes.Select(node => node.OpType));
    }

    private static Model Prepared(string activation)
    {
        var b = new GraphBuilder();
        Value x = b.Op(activation, b.Op("Conv", b.Input("x", 1, 8, 6, 6), b.Weights(1, 8, 8, 1, 1)));
        b.Output("y", b.Op("Conv", x, b.Weights(2, 8, 8, 1, 1)));
        b.Model.InferTypes();
        PassPipeline.BeforeQuantization.Run(new PassContext(b.Model, TargetProfile.CpuPortable), TestContext.Current.CancellationToken);
        return b.Model;
    }
}
