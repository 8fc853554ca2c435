using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes.Cleanup;
using ModelCompiler.Optimizer.Tests.Support;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Passes.Cleanup;

public sealed class DenormalFlushTests
{
    private const float SmallestNormal = 1.17549435e-38f;

    private static readonly DenormalFlush Pass = new();

    [Fact]
    public void Flushes_denormal_weights_and_keeps_their_sign()
    {
        var b = new GraphBuilder();
        float below = MathF.BitDecrement(SmallestNormal);
        Value w = b.Constant([float.Epsilon, -1e-40f, below, -below, SmallestNormal, -SmallestNormal, 0f, -0f, float.NaN, float.NegativeInfinity], 1, 10);
        b.Output("y", b.Op("MatMul", b.Input("x", 2, 1), w));
        Assert.Equal(1, GraphAssert.Apply(Pass, b.Model).ChangeCount);
        float[] expected = [0f, -0f, 0f, -0f, SmallestNormal, -SmallestNormal, 0f, -0f, float.NaN, float.NegativeInfinity];
        Assert.Equal(expected.Select(BitConverter.SingleToInt32Bits), w.Initializer!.Floats().Select(BitConverter.SingleToInt32Bits));
        GraphAssert.SecondRunChangesNothing(Pass, b.Model);
    }

    [Fact]
    public void Flushes_doubles()
    {
        var b = new GraphBuilder();
        Value w = b.Constant([double.Epsilon, 2.2250738585072014e-308, -1e-310], 1, 3);
        b.Output("y", b.Op("MatMul", b.Input("x", ElementType.Double, 2, 1), w));
        GraphAssert.Apply(Pass, b.Model);
        Assert.Equal([0d, 2.2250738585072014e-308, -0d], w.Initializer!.AsSpan<double>().ToArray());
    }

    [Theory]
    [InlineData("Add")]
    [InlineData("Div")]
    public void Leaves_constants_that_are_no_weights(string op)
    {
        var b = new GraphBuilder();
        b.Output("y", b.Op(op, b.Input("x", 2), b.Constant([1e-40f, 1f])));
        BitExact.LeavesAlone(Pass, b.Model);
    }

    [Fact]
    public void Leaves_a_weight_that_is_an_epsilon_elsewhere()
    {
        var b = new GraphBuilder();
        Value w = b.Constant([1e-40f, 1f], 2, 1);
        b.Output("y", b.Op("MatMul", b.Input("x", 1, 2), w)).Output("z", b.Op("Div", b.Input("u", 2, 1), w));
        BitExact.LeavesAlone(Pass, b.Model);
    }

    [Fact]
    public void Leaves_half_precision_whose_denormals_are_everyday_numbers()
    {
        var b = new GraphBuilder();
        b.Output("y", b.Op("MatMul", b.Input("x", ElementType.Float16, 2, 1), b.Constant([(Half)1e-5f], 1, 1)));
        BitExact.LeavesAlone(Pass, b.Model);
    }

    [Fact]
    public void Leaves_normal_weights_where_they_are()
    {
        var b = new GraphBuilder();
        Value w = b.Weights(1, 3, 3);
        Tensor before = w.Initializer!;
        b.Output("y", b.Op("MatMul", b.Input("x", 2, 3), w));
        BitExact.LeavesAlone(Pass, b.Model);
        Assert.Same(before, w.Initializer);
    }
}
