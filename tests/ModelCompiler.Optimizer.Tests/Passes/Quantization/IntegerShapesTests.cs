using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes.Quantization;
using ModelCompiler.Optimizer.Tests.Passes.Fusion;
using ModelCompiler.Optimizer.Tests.Support;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Passes.Quantization;

public sealed class IntegerShapesTests
{
    private static readonly IntegerShapes Pass = new();

    [Fact]
    public void A_shape_is_asked_of_the_integers()
    {
        FusionAssert.Fuses(Pass, Build, "QuantizeLinear", "DequantizeLinear", "Shape");
        Model model = Build();
        GraphAssert.Apply(Pass, model);
        Assert.Equal("QuantizeLinear", model.Graph.Nodes.Single(node => node.Is("Shape")).Inputs[0]!.Producer!.OpType);

        static Model Build()
        {
            var b = new GraphBuilder();
            Value scale = b.Scalar(0.1f), zero = b.Scalar((byte)128);
            Value real = b.Op("DequantizeLinear", b.Op("QuantizeLinear", b.Input("x", Dim.Named("n"), 3), scale, zero), scale, zero);
            return b.Output("y", b.Op("Shape", real)).Model;
        }
    }

    [Fact]
    public void Other_shapes_are_left_alone()
    {
        var b = new GraphBuilder();
        FusionAssert.LeavesAlone(Pass, b.Output("y", b.Op("Shape", b.Op("Relu", b.Input("x", Dim.Named("n"), 3)))).Model);
    }
}
