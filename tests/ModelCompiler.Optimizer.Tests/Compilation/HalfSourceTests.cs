using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Compilation;
using ModelCompiler.Optimizer.Passes.Precision;
using ModelCompiler.Optimizer.Tests.Support;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Compilation;

/// <summary>Models that come in 16 bits do not grow by being computed in float32.</summary>
public sealed class HalfSourceTests
{
    [Fact]
    public void What_static_int8_leaves_in_float_beside_integers_stays_in_16_bits_in_the_file()
    {
        var b = new GraphBuilder();
        Value x = b.Input("x", ElementType.Float16, 1, 64);
        Value hidden = b.Op("Relu", b.Op("MatMul", x, Half(b, 1, 64, 128)));
        b.Output("y", b.Op("MatMul", hidden, Half(b, 2, 128, 32)));
        var plan = new CompilationPlan { Precision = Precision.Int8, Layers = new Dictionary<string, string> { ["y_float"] = CompilationPlan.Float } };
        var options = new CompileOptions { Precision = Precision.Int8, Plan = plan, MeasureLatency = false };

        CompileResult result = Compiler.Compile(b.Model, options, cancellationToken: TestContext.Current.CancellationToken);

        Tensor[] weights = [.. result.Model.Graph.Initializers.Select(value => value.Initializer!).Where(tensor => tensor.ElementCount >= 32 * 128)];
        Assert.Equal([ElementType.Int8, ElementType.Float16], weights.Select(tensor => tensor.ElementType).Order());
        Assert.InRange(result.Agreement!.Outputs[0].Cosine, 0.99, 1);
    }

    private static Value Half(GraphBuilder b, int seed, params ReadOnlySpan<long> dims) => b.Constant(HalfFormat.Float16.Rounded(TestTensors.Normal(seed, dims)));
}
