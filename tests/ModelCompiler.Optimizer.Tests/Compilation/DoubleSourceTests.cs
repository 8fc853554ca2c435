using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Compilation;
using ModelCompiler.Optimizer.Tests.Support;
using ModelCompiler.Tests;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Compilation;

/// <summary>Models exported in float64 are quantized as others are, and read and answer float64 as before.</summary>
public sealed class DoubleSourceTests : IDisposable
{
    private readonly Workspace _workspace = new();

    public void Dispose() => _workspace.Dispose();

    [Theory]
    [InlineData(Precision.Int8, 2)]
    [InlineData(Precision.Int8Dynamic, 1)]
    [InlineData(Precision.Int4, 2)]
    [InlineData(Precision.Mixed, 1)]
    [InlineData(Precision.Float16, 0)]
    [InlineData(Precision.BFloat16, 0)]
    public void Is_quantized_between_casts(Precision precision, int quantized)
    {
        CompileResult result = Compile(Perceptron(), precision);

        Assert.Equal(2, result.QuantizedNodes + result.FloatNodes);
        Assert.InRange(result.QuantizedNodes, quantized, 2);
        AssertSignature(result.Model);
        Assert.Empty(result.Warnings);
        Assert.InRange(result.Agreement!.Outputs[0].Cosine, 0.99, 1);
        // Weights of float64 took eight bytes each; what a budget leaves in float takes four.
        Assert.InRange(OnnxWriter.WeightBytes(result.Model), 1, 4.0 * (256 * 256 + 256 * 64));
    }

    [Fact]
    public void Stays_in_float64_by_default()
    {
        CompileResult result = Compile(Perceptron(), Precision.Float32);
        Assert.DoesNotContain(result.Model.Graph.Nodes, node => node.Is("Cast"));
        Assert.InRange(result.Agreement!.Outputs[0].SqnrDb, 250, double.PositiveInfinity);
    }

    [Theory]
    [InlineData(Precision.Int8)]
    [InlineData(Precision.Int8Dynamic)]
    public void Stays_in_float64_where_float32_is_too_coarse(Precision precision)
    {
        // Differences of numbers around a billion.
        var b = new GraphBuilder();
        Value x = b.Op("Sub", b.Op("Add", b.Input("x", ElementType.Double, Dim.Named("n"), 256), b.Scalar(1e9)), b.Scalar(1e9));
        Model model = b.Output("y", b.Op("MatMul", x, Doubles(b, 1, 256, 64))).Model;

        CompileResult result = Compile(model, precision);

        Assert.Contains(result.Events, e => e.Text.Contains("stays in float64", StringComparison.Ordinal));
        Assert.Equal("OM4004", Assert.Single(result.Warnings).Code);
        Assert.InRange(result.Agreement!.Outputs[0].SqnrDb, 200, double.PositiveInfinity);
    }

    [Theory]
    [InlineData(Precision.Float32, 0)]
    [InlineData(Precision.Int8, 2)]
    public void A_network_that_has_no_kernels_in_float64_runs_in_float32(Precision precision, int quantized)
    {
        var b = new GraphBuilder();
        Value x = b.Input("x", ElementType.Double, Dim.Named("n"), 16, 4, 4);
        Value h = b.Op("Relu", b.Op("Conv", x, Doubles(b, 1, 32, 16, 3, 3)));
        Model model = b.Output("y", b.Op("Conv", b.Op("Mul", h, b.Scalar(0.5)), Doubles(b, 2, 8, 32, 1, 1))).Model;

        CompileResult result = Compile(model, precision, 16, 4, 4);

        Assert.Equal((quantized, 2 - quantized), (result.QuantizedNodes, result.FloatNodes));
        AssertSignature(result.Model);
        Assert.InRange(result.Agreement!.Outputs[0].Cosine, 0.99, 1);
    }

    private static Model Perceptron()
    {
        var b = new GraphBuilder();
        Value h = b.Op("Relu", b.Op("Add", b.Op("MatMul", b.Input("x", ElementType.Double, Dim.Named("n"), 256), Doubles(b, 1, 256, 256)), Doubles(b, 2, 256)));
        return b.Output("y", b.Op("MatMul", h, Doubles(b, 3, 256, 64))).Model;
    }

    private static void AssertSignature(Model model)
    {
        Assert.All([.. model.Graph.Inputs, .. model.Graph.Outputs], value => Assert.Equal(ElementType.Double, value.ElementType));
        Assert.Equal(["x", "y"], [.. model.Graph.Inputs.Select(value => value.Name), .. model.Graph.Outputs.Select(value => value.Name)]);
    }

    private CompileResult Compile(Model model, Precision precision, params ReadOnlySpan<long> sample)
    {
        long[] dims = sample.Length == 0 ? [32, 256] : [32, .. sample];
        double[] values = Array.ConvertAll(TestTensors.Normal(9, dims).Floats(), value => (double)value);
        string path = _workspace.Write("x.npz", NumpyFiles.Npz(("x", NumpyFiles.Npy<double>(values, dims))));
        var options = new CompileOptions { Precision = precision, CalibrationPath = path, MeasureLatency = false };
        return Compiler.Compile(model, options, cancellationToken: TestContext.Current.CancellationToken);
    }

    private static Value Doubles(GraphBuilder b, int seed, params ReadOnlySpan<long> dims) =>
        b.Constant(Array.ConvertAll(TestTensors.Normal(seed, dims).Floats(), value => (double)value), dims);
}
