using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Compilation;
using ModelCompiler.Optimizer.Sessions;
using ModelCompiler.Optimizer.Targets;
using ModelCompiler.Optimizer.Tests.Support;
using ModelCompiler.Runtime;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Passes.Quantization;

/// <summary>Matrix products of operator set 21 that came quantized: on a processor without VNNI their sums would saturate.</summary>
public sealed class UnsignedWeightsTests
{
    private const int Depth = 64, Columns = 8;
    private const float Step = 1 << 14;

    [Theory]
    [InlineData("QLinearMatMul", 21, ElementType.UInt8)]
    [InlineData("MatMul", 21, ElementType.UInt8)]
    [InlineData("MatMul without zero points", 21, ElementType.UInt8)]
    [InlineData("MatMul", 17, ElementType.Int8)]
    public void Products_are_exact(string name, long opset, ElementType stored)
    {
        Model model = ModelOf(name, opset, (row, column) => 127 - (row + column) % 3);
        byte[] x = [.. Enumerable.Range(0, Depth).Select(i => (byte)(255 - i % 5))];
        CompileResult result = Compiler.Compile(model, new CompileOptions { MeasureLatency = false }, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Contains(result.Model.Graph.Initializers, weights => weights.Initializer!.ElementType == stored && weights.Initializer.ElementCount == Depth * Columns);

        using var session = InferenceSession.Open(OnnxWriter.ToBytes(result.Model), ExactIntegers.For(result.Model));
        float[] actual = session.Run([("x", TensorBuffer.Create([1, Depth], x))])[0].AsSpan<float>().ToArray();

        float[] expected = [.. Enumerable.Range(0, Columns).Select(column => (float)x.Select((value, row) => value * (127 - (row + column) % 3)).Sum())];
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, Step));
    }

    [Fact]
    public void Weights_that_cannot_saturate_stay_signed() => AssertSigned(ModelOf("MatMul", 21, (_, _) => 64), TargetProfile.CpuPortable);

    [Fact]
    public void Kernels_for_signed_activations_keep_signed_weights() => AssertSigned(ModelOf("MatMul", 21, (_, _) => 127), TargetProfile.Cpu(TargetCpu.Arm64));

    private static void AssertSigned(Model model, TargetProfile target)
    {
        CompileResult result = Compiler.Compile(model, new CompileOptions { MeasureLatency = false, Target = target }, cancellationToken: TestContext.Current.CancellationToken);
        Assert.DoesNotContain(result.Model.Graph.Initializers, weights => weights.Initializer!.ElementType == ElementType.UInt8 && weights.Initializer.ElementCount > 1);
    }

    private static Model ModelOf(string name, long opset, Func<int, int, int> weight)
    {
        var b = new GraphBuilder(opset, 10);
        Value x = b.Input("x", ElementType.UInt8, 1, Depth), w = b.Constant(Enumerable.Range(0, Depth * Columns).Select(i => (sbyte)weight(i / Columns, i % Columns)).ToArray(), Depth, Columns);
        Value one = b.Scalar(1f), unsigned = b.Scalar((byte)0), step = b.Scalar(Step);
        Value? signed = name == "MatMul without zero points" ? null : b.Scalar((sbyte)0);
        Value y = name == "QLinearMatMul"
            ? b.Op(name, x, one, unsigned, w, one, signed, step, unsigned)
            : b.Op("QuantizeLinear", b.Op("MatMul", b.Op("DequantizeLinear", x, one, unsigned), signed is null ? b.Op("DequantizeLinear", w, one) : b.Op("DequantizeLinear", w, one, signed)), step, unsigned);
        Model model = b.Output("y", b.Op("DequantizeLinear", y, step, unsigned)).Model;
        model.InferTypes();
        return model;
    }
}
