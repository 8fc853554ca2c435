using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Compilation;
using ModelCompiler.Optimizer.Tests.Support;
using ModelCompiler.Tests;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Compilation;

/// <summary>Towers of one network for several inputs, as in siamese networks: their weights are there once, on integers too.</summary>
public sealed class SharedTowersTests : IDisposable
{
    private readonly Workspace _workspace = new();

    public void Dispose() => _workspace.Dispose();

    [Theory]
    [InlineData("Nearest")]
    [InlineData("LeastSquares")]
    public void Weights_are_stored_once(string rounding)
    {
        // Pictures of unlike size, so that each tower has steps of its own.
        float[] left = TestTensors.Normal(11, 24, 3, 12, 12).Floats(), right = [.. TestTensors.Normal(12, 24, 3, 12, 12).Floats().Select(x => 0.7f * x + 0.2f)];
        File.WriteAllBytes(_workspace.PathOf("pairs.npz"), NumpyFiles.Npz(("left", NumpyFiles.Npy<float>(left, 24, 3, 12, 12)), ("right", NumpyFiles.Npy<float>(right, 24, 3, 12, 12))));
        var plan = new CompilationPlan { Precision = Precision.Int8, Choices = new Dictionary<string, string> { ["ranges"] = "MinMax", ["rounding"] = rounding } };
        var options = new CompileOptions { Precision = Precision.Int8, CalibrationPath = _workspace.PathOf("pairs.npz"), MeasureLatency = false, Plan = plan };
        CompileResult result = Compiler.Compile(Network(), options, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(6, result.QuantizedNodes);
        Assert.Equal(3, result.Model.Graph.Initializers.Count(value => value.Initializer is { ElementType: ElementType.Int8, ElementCount: > 100 }));
        Assert.InRange(result.Agreement!.Outputs[0].SqnrDb, 20, double.PositiveInfinity);
    }

    private static Model Network()
    {
        var b = new GraphBuilder();
        Value[] weights = [b.Weights(1, 16, 3, 3, 3), b.Weights(2, 32, 16, 3, 3), b.Weights(3, 32, 24)], biases = [b.Weights(4, 16), b.Weights(5, 32)];
        Value left = Tower("left"), right = Tower("right");
        return b.Output("y", b.Op("Sub", left, right)).Model;

        Value Tower(string name)
        {
            Value x = b.Input(name, Dim.Named("N"), 3, 12, 12);
            for (int i = 0; i < 2; i++) x = b.Op("Relu", b.Op("Conv", [x, weights[i], biases[i]], new NodeAttribute("strides", [2L, 2])));
            return b.Op("MatMul", b.Op("Flatten", b.Op("GlobalAveragePool", x)), weights[2]);
        }
    }
}
