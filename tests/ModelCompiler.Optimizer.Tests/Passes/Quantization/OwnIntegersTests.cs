using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Compilation;
using ModelCompiler.Optimizer.Passes;
using ModelCompiler.Optimizer.Passes.Quantization;
using ModelCompiler.Optimizer.Sessions;
using ModelCompiler.Optimizer.Targets;
using ModelCompiler.Optimizer.Tests.Support;
using ModelCompiler.Runtime;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Passes.Quantization;

/// <summary>What products on integers share, in the forms that quantizers write. Without VNNI, ONNX Runtime opens no session on it that is exact.</summary>
public sealed class OwnIntegersTests
{
    private const int Size = 32;

    [Theory]
    [InlineData("MatMulInteger", Shared.ZeroPoint)]
    [InlineData("MatMulInteger", Shared.Weights)]
    [InlineData("MatMul", Shared.ZeroPoint)]
    [InlineData("MatMul", Shared.Weights)]
    [InlineData("MatMul", Shared.Dequantized)]
    [InlineData("Gemm", Shared.ZeroPoint)]
    [InlineData("Conv", Shared.Dequantized)]
    public void Each_product_has_its_own_and_the_answers_stay(string product, Shared shared)
    {
        Model model = Build(product, shared, 127).Model;
        Assert.False(ExactIntegers.AreNeeded(model));

        CompileResult result = Compiler.Compile(model, new CompileOptions { MeasureLatency = false }, cancellationToken: TestContext.Current.CancellationToken);

        Assert.True(ExactIntegers.AreNeeded(result.Model));
        Assert.All(result.Agreement!.Outputs, output => Assert.Equal(1, output.Cosine, 1e-6));
        var context = new PassContext(result.Model, TargetProfile.CpuPortable);
        new OwnIntegers().Apply(context);
        Assert.Empty(context.Changes);
    }

    /// <summary>ONNX Runtime's own quantizer writes numbers of Mul and Div so, in 8 bits.</summary>
    [Theory]
    [InlineData(Shared.Weights)]
    [InlineData(Shared.Dequantized)]
    [InlineData(Shared.Quantized)]
    public void So_has_each_reader_of_a_dequantized_number(Shared shared)
    {
        GraphBuilder b = Build("MatMul", Shared.Nothing, 127);
        Model model = b.Model;
        Value number = b.Scalar((sbyte)127), scale = b.Scalar(0.01f), zero = b.Scalar((sbyte)0), first = b.Op("DequantizeLinear", number, scale, zero);
        if (shared == Shared.Quantized) first = b.Op("DequantizeLinear", b.Op("QuantizeLinear", b.Scalar(1.27f), scale, zero), scale, zero);
        Value second = shared != Shared.Weights ? first : b.Op("DequantizeLinear", number, scale, zero);
        Value x = b.Input("x", 4);
        b.Output("y", b.Op("Add", b.Op("Mul", x, first), b.Op("Div", x, b.Op("Mul", second, second))));
        model.InferTypes();

        CompileResult result = Compiler.Compile(model, new CompileOptions { MeasureLatency = false }, cancellationToken: TestContext.Current.CancellationToken);

        Assert.True(ExactIntegers.AreNeeded(result.Model));
        Assert.All(result.Agreement!.Outputs, output => Assert.Equal(1, output.Cosine, 1e-6));
    }

    /// <summary>As quantizers write symmetric weights. The run fails where ONNX Runtime makes up one zero point for all channels.</summary>
    [Theory]
    [InlineData(13)]
    [InlineData(21)]
    [InlineData(23)]
    public void Weights_with_a_scale_for_each_channel_and_no_zero_points_run(long opset)
    {
        var b = new GraphBuilder(opset, opset >= 21 ? 10 : 8);
        Value step = b.Scalar(0.02f), middle = b.Scalar((byte)128);
        Value x = b.Op("DequantizeLinear", b.Op("QuantizeLinear", b.Input("x", 1, Size, 3, 3), step, middle), step, middle);
        float[] scales = [.. Enumerable.Range(1, Size).Select(i => 0.001f * i)];
        Value weights = b.Op("DequantizeLinear", [Weights(b, [Size, Size, 1, 1], 127), b.Constant(scales)], new NodeAttribute("axis", 0L));
        Model model = b.Output("y", b.Op("Conv", x, weights)).Model;
        model.InferTypes();
        // As it came it is opened as other programs do.
        Assert.False(ExactIntegers.AreNeeded(model));

        CompileResult result = Compiler.Compile(model, new CompileOptions { MeasureLatency = false }, cancellationToken: TestContext.Current.CancellationToken);

        Assert.True(ExactIntegers.AreNeeded(result.Model));
        Assert.All(result.Agreement!.Outputs, output => Assert.Equal(1, output.Cosine, 1e-6));
        using var session = InferenceSession.Open(OnnxWriter.ToBytes(result.Model), new SessionOptions { ExactIntegers = true });
        session.Run(SampleFolder.Inputs(result.Model, 1, 3));
    }

    [Fact]
    public void What_cannot_saturate_stays_shared()
    {
        Model model = Build("MatMul", Shared.Weights, 64).Model;
        var context = new PassContext(model, TargetProfile.CpuPortable);
        new OwnIntegers().Apply(context);
        Assert.Empty(context.Changes);
    }

    public enum Shared
    {
        Nothing,
        ZeroPoint,
        Weights,
        Dequantized,
        Quantized,
    }

    /// <summary>Two products of inputs of their own.</summary>
    private static GraphBuilder Build(string product, Shared shared, int largest)
    {
        var b = new GraphBuilder();
        Value? zero = null, weights = null, dequantized = null;
        Value scale = b.Scalar(0.01f);
        for (int i = 0; i < 2; i++)
        {
            zero = shared == Shared.ZeroPoint && zero is not null ? zero : b.Scalar((sbyte)0);
            weights = shared == Shared.Weights && weights is not null ? weights : Weights(b, product == "Conv" ? [Size, Size, 1, 1] : [Size, Size], largest - i);
            Node input = b.Node("DynamicQuantizeLinear", [product == "Conv" ? b.Input($"x{i}", 1, Size, 3, 3) : b.Input($"x{i}", 4, Size)], 3);
            if (product == "MatMulInteger")
            {
                b.Output($"y{i}", b.Op("Cast", [b.Op("MatMulInteger", input.Outputs[0], weights, input.Outputs[2], zero)], new NodeAttribute("to", (long)ElementType.Float)));
                continue;
            }
            dequantized = shared == Shared.Dequantized && dequantized is not null ? dequantized : b.Op("DequantizeLinear", weights, scale, zero);
            Value step = b.Scalar(0.02f), middle = b.Scalar((byte)128);
            Value x = b.Op("DequantizeLinear", b.Op("QuantizeLinear", b.Op("DequantizeLinear", input.Outputs.ToArray()), step, middle), step, middle);
            Value y = b.Op(product, x, dequantized);
            b.Output($"y{i}", b.Op("DequantizeLinear", b.Op("QuantizeLinear", y, b.Scalar(0.5f), middle), b.Scalar(0.5f), middle));
        }
        b.Model.InferTypes();
        return b;
    }

    private static Value Weights(GraphBuilder b, long[] dims, int largest) =>
        b.Constant(Tensor.Create<sbyte>([.. Enumerable.Range(0, Size * Size).Select(i => (sbyte)(largest - (i % 7 / 2)))], dims), "w");
}
