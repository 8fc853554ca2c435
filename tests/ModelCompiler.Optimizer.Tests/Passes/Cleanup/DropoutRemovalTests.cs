using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes.Cleanup;
using ModelCompiler.Optimizer.Tests.Support;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Passes.Cleanup;

public sealed class DropoutRemovalTests
{
    private static readonly DropoutRemoval Pass = new();

    [Theory]
    [InlineData(10, 1)]
    [InlineData(10, 2)]
    [InlineData(17, 1)]
    [InlineData(17, 2)]
    public void Removes_it_in_inference(long opset, int outputs)
    {
        BitExact.Rewrites(Pass, () =>
        {
            var b = new GraphBuilder(opset);
            return b.Output("y", b.Op("Neg", b.Node("Dropout", [b.Input("x", 16)], outputs).Outputs[0])).Model;
        }, "Neg");
    }

    [Theory]
    [InlineData(0f)]
    [InlineData(0.5f)]
    public void Removes_it_where_the_training_mode_is_constantly_off(float ratio)
    {
        BitExact.Rewrites(Pass, () =>
        {
            var b = new GraphBuilder();
            return b.Output("y", b.Op("Neg", b.Op("Dropout", b.Input("x", 16), b.Scalar(ratio), b.Scalar(false)))).Model;
        }, "Neg");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(null)]
    public void Removes_it_where_it_trains_with_a_ratio_of_zero(bool? mode)
    {
        BitExact.Rewrites(Pass, () =>
        {
            var b = new GraphBuilder();
            Value training = mode is { } on ? b.Scalar(on) : b.Input("training", ElementType.Bool);
            return b.Output("y", b.Op("Neg", b.Op("Dropout", b.Input("x", 16), b.Scalar(0f), training))).Model;
        }, "Neg");
    }

    [Fact]
    public void Keeps_it_where_the_mask_is_read()
    {
        var b = new GraphBuilder();
        Node dropout = b.Node("Dropout", [b.Input("x", 4)], 2);
        b.Output("y", dropout.Outputs[0]).Output("mask", dropout.Outputs[1]);
        GraphAssert.Refuses(Pass, b.Model, "the mask is read");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(null)]
    public void Keeps_it_where_it_may_train(bool? mode)
    {
        var b = new GraphBuilder();
        Value training = mode is { } on ? b.Scalar(on) : b.Input("training", ElementType.Bool);
        b.Output("y", b.Op("Dropout", b.Input("x", 4), b.Scalar(0.5f), training));
        GraphAssert.Refuses(Pass, b.Model, "training mode");
    }
}
