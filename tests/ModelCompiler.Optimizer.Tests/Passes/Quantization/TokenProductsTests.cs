using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes;
using ModelCompiler.Optimizer.Passes.Quantization;
using ModelCompiler.Optimizer.Quantization;
using ModelCompiler.Optimizer.Targets;
using ModelCompiler.Optimizer.Tests.Support;
using ModelCompiler.Runtime;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Passes.Quantization;

public class TokenProductsTests
{
    private const int Tokens = 5, Width = 24, Columns = 16;

    [Theory]
    [InlineData(0, true, true)]
    [InlineData(1, true, true)]
    [InlineData(1, false, false)]
    [InlineData(0, true, false)]
    public void Products_that_hand_on_floats_add_their_bias_on_the_way(long transB, bool hasBias, bool isByChannel)
    {
        Model plain = Model(transB, hasBias, isByChannel), model = Model(transB, hasBias, isByChannel);
        Assert.Single(Apply(model).Changes);
        byte[] before = OnnxWriter.ToBytes(plain), after = OnnxWriter.ToBytes(model);
        Assert.Equal((1, 0), (Count(before, "QGemm"), Count(before, "MatMulIntegerToFloat")));
        Assert.Equal((0, 1), (Count(after, "QGemm"), Count(after, "MatMulIntegerToFloat")));
        using InferenceSession expected = InferenceSession.Open(before), actual = InferenceSession.Open(after);
        long[] dims = [2, Tokens, Width];
        (string, TensorBuffer)[] sample = [("x", TensorBuffer.Create(dims, TestTensors.Normal(5, dims).Floats()))];
        float[] was = expected.Run(sample)[0].AsSpan<float>().ToArray(), now = actual.Run(sample)[0].AsSpan<float>().ToArray();
        // The same integers, rounded to floats once more or less.
        Assert.All(was.Zip(now), pair => Assert.InRange(pair.Second, pair.First - 1e-4f, pair.First + 1e-4f));
    }

    [Fact]
    public void A_single_row_stays_as_it_is() => Assert.Empty(Apply(Model(0, true, true, isOfTokens: false)).Events);

    [Fact]
    public void Weights_that_are_not_around_zero_stay() => Assert.Empty(Apply(Model(0, true, true, zero: 1)).Events);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Weights_with_a_scale_for_each_row_stay(long transB)
    {
        Model model = Model(transB, hasBias: false, isByChannel: true);
        Node weights = model.Graph.Nodes.Single(node => node.Is("Gemm")).Input(1)!.Producer!;
        weights.Attributes.Set(new NodeAttribute("axis", transB));
        int rows = (int)weights.Constant(0)!.Dims[(int)transB];
        weights.SetInput(1, model.Graph.AddInitializer("scales", Tensor.Vector<float>(Enumerable.Repeat(0.01f, rows).ToArray())));
        weights.SetInput(2, model.Graph.AddInitializer("zeros", Tensor.Vector<sbyte>(new sbyte[rows])));
        Assert.Empty(Apply(model).Events);
    }

    [Fact]
    public void Where_it_was_not_measured_nothing_is_done() => Assert.Empty(Apply(Model(0, true, true), TargetProfile.CpuPortable with { Channels = null }).Events);

    private static PassContext Apply(Model model, TargetProfile? target = null)
    {
        model.InferTypes();
        var context = new PassContext(model, target ?? TargetProfile.CpuPortable);
        new TokenProducts().Apply(context);
        return context;
    }

    private static int Count(byte[] model, string operatorName) => FusedGraph.Of(model).Operators.GetValueOrDefault(operatorName);

    private static Model Model(long transB, bool hasBias, bool isByChannel, bool isOfTokens = true, sbyte zero = 0)
    {
        var b = new GraphBuilder();
        Value rows = b.Op("Reshape", b.Input("x", 2, Tokens, Width), b.Constant<long>([-1, Width]));
        Value scale = b.Scalar(0.05f), zeroPoint = b.Scalar((byte)120);
        Value x = b.Op("DequantizeLinear", b.Op("QuantizeLinear", rows, scale, zeroPoint), scale, zeroPoint);
        sbyte[] integers = [.. Enumerable.Range(0, Width * Columns).Select(i => (sbyte)(i * 37 % 121 - 60))];
        int channels = isByChannel ? Columns : 1;
        Value weightScale = isByChannel ? b.Constant<float>([.. Enumerable.Range(1, channels).Select(i => 0.001f * i)]) : b.Scalar(0.01f);
        Value weightZero = isByChannel ? b.Constant(Enumerable.Repeat(zero, channels).ToArray()) : b.Scalar(zero);
        NodeAttribute[] axis = isByChannel ? [new NodeAttribute("axis", transB == 0 ? 1L : 0L)] : [];
        Value w = b.Op("DequantizeLinear", [transB == 0 ? b.Constant(integers, Width, Columns) : b.Constant(integers, Columns, Width), weightScale, weightZero], axis);
        Value? bias = null;
        if (hasBias)
        {
            Value biasScale = isByChannel ? b.Constant<float>([.. Enumerable.Range(1, channels).Select(i => 0.05f * 0.001f * i)]) : b.Scalar(0.05f * 0.01f);
            bias = b.Op("DequantizeLinear", [b.Constant(Enumerable.Range(0, Columns).Select(i => i * 311 - 2000).ToArray(), Columns), biasScale], isByChannel ? [new NodeAttribute("axis", 0L)] : []);
        }
        Value product = b.Op("Gemm", hasBias ? [x, w, bias] : [x, w], new NodeAttribute("transB", transB));
        b.Output("y", b.Op("Tanh", isOfTokens ? b.Op("Reshape", product, b.Constant<long>([2, Tokens, Columns])) : product));
        return b.Model;
    }
}
