using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Compilation;
using ModelCompiler.Optimizer.Tests.Support;
using ModelCompiler.Tests;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Compilation;

/// <summary>Depthwise networks of others, in old operator sets, to static int8: ONNX Runtime must run every product on integers.</summary>
public sealed class PublicModelInt8Tests
{
    [Theory]
    [InlineData("classifier", "x", 53, new long[] { 6, 3, 48, 192 })]
    [InlineData("face-detector", "input:0", 37, new long[] { 6, 128, 128, 3 })]
    public void Every_product_of_a_depthwise_network_is_integer(string model, string input, int products, long[] shape)
    {
        using var workspace = new Workspace();
        string calibration = workspace.Write("samples.npz", NumpyFiles.Npz((input, NumpyFiles.Npy<float>(TestTensors.Normal(7, shape).Floats(), shape))));
        CompileOptions options = new() { Precision = Precision.Int8, CalibrationPath = calibration, MeasureLatency = false };

        CompileResult result = Compiler.Compile(OnnxReader.Read(PublicModels.PathOf(model)), options, cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal((products, 0), (result.QuantizedNodes, result.FloatNodes));
        Assert.Equal(14, result.Model.Opset);
        Assert.All(result.Agreement!.Outputs, output => Assert.InRange(output.Cosine, 0.9, 1));
    }
}
