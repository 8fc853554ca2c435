using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Compilation;
using ModelCompiler.Optimizer.Sessions;
using ModelCompiler.Optimizer.Targets;
using ModelCompiler.Optimizer.Tests.Support;
using ModelCompiler.Runtime;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Sessions;

/// <summary>
/// Products of large bytes are found in every form that models come in, and a session on them is exact. Without VNNI it would be far off; with it, the
/// tests of answers hold anyway.
/// </summary>
public sealed class ExactIntegersTests
{
    private const int Rows = 4, Depth = 64, Columns = 48;

    /// <summary>Of x in uint8 [4, 64] and w in int8 [64, 48], both with a scale of one, as float32.</summary>
    private static readonly Dictionary<string, Func<GraphBuilder, Tensor, Value>> Products = new()
    {
        ["QDQ MatMul"] = (b, w) => b.Op("MatMul", Dequantized(b, X(b)), Dequantized(b, b.Constant(w))),
        ["QDQ Gemm"] = (b, w) => b.Op("Gemm", [Dequantized(b, X(b)), Dequantized(b, b.Constant(Turned(w)))], new NodeAttribute("transB", 1L)),
        ["QDQ Conv"] = (b, w) => Flat(b, b.Op("Conv", Dequantized(b, Square(b, X(b))), Dequantized(b, b.Constant(Turned(w).Reshaped(Columns, Depth, 1, 1))))),
        ["QLinearConv"] = (b, w) => Flat(b, Dequantized(b, b.Op("QLinearConv", Square(b, X(b)), One(b), Zero(b), b.Constant(Turned(w).Reshaped(Columns, Depth, 1, 1)), One(b), b.Scalar((sbyte)0), Large(b), Zero(b)), Large(b))),
        ["QLinearMatMul"] = (b, w) => Dequantized(b, b.Op("QLinearMatMul", X(b), One(b), Zero(b), b.Constant(w), One(b), b.Scalar((sbyte)0), Large(b), Zero(b)), Large(b)),
        ["MatMulInteger"] = (b, w) => b.Op("Cast", [b.Op("MatMulInteger", X(b), b.Constant(w))], new NodeAttribute("to", (long)ElementType.Float)),
        ["DynamicQuantizeMatMul"] = (b, w) => b.Contrib("DynamicQuantizeMatMul", [Dequantized(b, X(b)), b.Constant(w), One(b)]),
        ["MatMulIntegerToFloat"] = (b, w) => b.Contrib("MatMulIntegerToFloat", [X(b), b.Constant(w), One(b), One(b)]),
        ["QGemm"] = (b, w) => b.Contrib("QGemm", [X(b), One(b), Zero(b), b.Constant(w), One(b), b.Scalar((sbyte)0)]),
    };

    public static TheoryData<string> Names => [.. Products.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Large_weights_need_it_and_get_exact_sums(string name)
    {
        Tensor weights = Weights((row, column) => 127 - (row + column) % 7);
        Model model = ModelOf(name, weights);
        Assert.True(ExactIntegers.AreNeeded(model));

        byte[] x = [.. Enumerable.Range(0, Rows * Depth).Select(i => (byte)(255 - i % 5))];
        using var session = InferenceSession.Open(OnnxWriter.ToBytes(model), ExactIntegers.For(model));
        float[] actual = session.Run([("x", TensorBuffer.Create([Rows, Depth], x))])[0].AsSpan<float>().ToArray();

        float[] expected = Product(x, weights);
        // Bytes of the answer are steps of its scale; what is quantized anew on the way meets its own zero point.
        float step = name.StartsWith("QLinear", StringComparison.Ordinal) ? LargeStep : expected[0] * 1e-5f;
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, step));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Weights_that_cannot_saturate_do_not_need_it(string name)
    {
        Assert.False(ExactIntegers.AreNeeded(ModelOf(name, Weights((_, _) => 64))));
        // Neighbours of opposite sign take from each other.
        Assert.False(ExactIntegers.AreNeeded(ModelOf(name, Weights((row, _) => row % 2 == 0 ? 127 : -127))));
        Assert.True(ExactIntegers.AreNeeded(ModelOf(name, Weights((row, column) => column == Columns - 1 && row >= Depth - 2 ? -65 : 0))));
    }

    [Fact]
    public void Recurrent_weights_are_paired_along_their_inputs()
    {
        Assert.False(ExactIntegers.AreNeeded(Lstm((row, _) => row % 2 == 0 ? 100 : -100)));
        Assert.True(ExactIntegers.AreNeeded(Lstm((_, column) => column % 2 == 0 ? 100 : -100)));

        static Model Lstm(Func<int, int, int> weight)
        {
            var b = new GraphBuilder();
            Value w = b.Constant(Weights(weight).Reshaped(1, Depth, Columns)), r = b.Constant(Weights(weight, Columns / 4).Reshaped(1, Columns / 4, Columns));
            Value scale = b.Constant(new[] { 0.01f }), zero = b.Constant(new sbyte[] { 0 }), other = b.Constant(new sbyte[] { 0 });
            return b.Output("y", b.Contrib("DynamicQuantizeLSTM", [b.Input("x", 1, 1, Depth), w, r, null, null, null, null, null, scale, zero, scale, other], new NodeAttribute("hidden_size", Columns / 4L))).Model;
        }
    }

    [Theory]
    [InlineData(TargetCpu.Portable, false)]
    [InlineData(TargetCpu.Avx2, false)]
    [InlineData(TargetCpu.Avx512Vnni, true)]
    public void What_is_laid_out_for_every_processor_does_not_need_it(TargetCpu cpu, bool isNeeded)
    {
        var b = new GraphBuilder();
        Value h = b.Op("Relu", b.Op("Conv", b.Input("x", 2, 5, 9, 9), b.Weights(1, 24, 5, 3, 3)));
        Model model = b.Output("y", b.Op("Conv", h, b.Weights(2, 16, 24, 3, 3))).Model;
        model.InferTypes();
        CompileResult result = Compiler.Compile(model, new CompileOptions { Precision = Precision.Int8, Target = TargetProfile.Cpu(cpu), MeasureLatency = false }, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal((2, isNeeded), (result.QuantizedNodes, ExactIntegers.AreNeeded(result.Model)));
    }

    [Fact]
    public void A_model_that_came_quantized_keeps_its_integers_and_needs_it()
    {
        CompileResult result = Compiler.Compile(ModelOf("QDQ MatMul", Weights((_, _) => 127)), new CompileOptions { Precision = Precision.Int8, MeasureLatency = false }, cancellationToken: TestContext.Current.CancellationToken);
        Assert.True(ExactIntegers.AreNeeded(result.Model));
        Assert.Equal(1, result.Agreement!.Outputs[0].Cosine, 1e-6);
    }

    /// <summary>As ONNX Runtime's quantizer writes it by default: sums of signed by signed bytes do not saturate, and a session that asks for exact ones finds no kernel.</summary>
    [Theory]
    [InlineData("QGemm")]
    [InlineData("QLinearMatMul")]
    public void Signed_activations_do_not_need_it(string name)
    {
        var b = new GraphBuilder();
        Value x = b.Input("x", ElementType.Int8, Rows, Depth), w = b.Constant(Weights((_, _) => 127)), zero = b.Scalar((sbyte)0);
        Value y = name == "QGemm" ? b.Contrib("QGemm", [x, One(b), zero, w, One(b), zero]) : Dequantized(b, b.Op("QLinearMatMul", x, One(b), zero, w, One(b), zero, Large(b), zero), Large(b));
        Model model = b.Output("y", y, new TensorType(ElementType.Float, new Shape(Rows, Columns))).Model;
        model.InferTypes();

        using var session = InferenceSession.Open(OnnxWriter.ToBytes(model), ExactIntegers.For(model));
        float[] actual = session.Run([("x", TensorBuffer.Create([Rows, Depth], Enumerable.Repeat((sbyte)-128, Rows * Depth).ToArray()))])[0].AsSpan<float>().ToArray();

        Assert.False(ExactIntegers.AreNeeded(model));
        Assert.All(actual, sum => Assert.Equal(-128f * 127 * Depth, sum, name == "QGemm" ? 0 : LargeStep));
    }

    private const float LargeStep = 1 << 14;

    private static Model ModelOf(string name, Tensor weights)
    {
        var b = new GraphBuilder();
        Model model = b.Output("y", Products[name](b, weights), new TensorType(ElementType.Float, new Shape(Rows, Columns))).Model;
        model.InferTypes();
        return model;
    }

    private static float[] Product(byte[] x, Tensor weights)
    {
        sbyte[] w = weights.AsSpan<sbyte>().ToArray();
        return [.. Enumerable.Range(0, Rows * Columns).Select(i => (float)Enumerable.Range(0, Depth).Sum(k => x[i / Columns * Depth + k] * w[k * Columns + i % Columns]))];
    }

    private static Tensor Weights(Func<int, int, int> weight, int depth = Depth) =>
        Tensor.Create<sbyte>([.. Enumerable.Range(0, depth * Columns).Select(i => (sbyte)weight(i / Columns, i % Columns))], depth, Columns);

    private static Tensor Turned(Tensor weights) =>
        Tensor.Create<sbyte>([.. Enumerable.Range(0, Depth * Columns).Select(i => weights.AsSpan<sbyte>()[i % Depth * Columns + i / Depth])], Columns, Depth);

    private static Value X(GraphBuilder b) => b.Input("x", ElementType.UInt8, Rows, Depth);

    private static Value Square(GraphBuilder b, Value x) => b.Op("Reshape", x, b.Constant(new[] { (long)Rows, Depth, 1, 1 }));

    private static Value Flat(GraphBuilder b, Value y) => b.Op("Flatten", y);

    private static Value Dequantized(GraphBuilder b, Value integers, Value? scale = null) => b.Op("DequantizeLinear", integers, scale ?? One(b));

    private static Value One(GraphBuilder b) => b.Scalar(1f);

    private static Value Zero(GraphBuilder b) => b.Scalar((byte)0);

    private static Value Large(GraphBuilder b) => b.Scalar(LargeStep);
}
