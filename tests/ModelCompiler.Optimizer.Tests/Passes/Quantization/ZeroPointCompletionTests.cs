using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Compilation;
using ModelCompiler.Optimizer.Sessions;
using ModelCompiler.Optimizer.Tests.Support;
using ModelCompiler.Runtime;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Passes.Quantization;

/// <summary>Models that come with quantization and without zero points answer as they do where ONNX Runtime rewrites nothing.</summary>
public sealed class ZeroPointCompletionTests
{
    private static readonly NodeAttribute Turned = new("perm", [1L, 0]);

    private static readonly Dictionary<string, Func<GraphBuilder, Value>> Graphs = new()
    {
        ["a table, looked up and turned"] = b => b.Op("Transpose", [b.Op("DequantizeLinear", b.Op("Gather", Integers(b, 16, 8), b.Input("ids", ElementType.Int64, 4)), b.Scalar(0.1f))], Turned),
        ["activations in int8"] = b => Moved(b, b.Op("QuantizeLinear", b.Input("x", 4, 8), b.Scalar(0.02f), b.Scalar((sbyte)0))),
        ["activations in int8 with their zero points"] = b => b.Op("Transpose",
            [b.Op("DequantizeLinear", b.Op("QuantizeLinear", b.Input("x", 4, 8), b.Scalar(0.02f), b.Scalar((sbyte)0)), b.Scalar(0.02f), b.Scalar((sbyte)0))], Turned),
        ["moved before it is quantized, with zero points"] = b => b.Op("DequantizeLinear",
            b.Op("QuantizeLinear", b.Op("Transpose", [b.Input("x", 4, 8)], Turned), b.Scalar(0.02f), b.Scalar((sbyte)0)), b.Scalar(0.02f), b.Scalar((sbyte)0)),
        ["activations in uint8, as nothing else is said"] = b => Moved(b, b.Op("QuantizeLinear", b.Input("x", 4, 8), b.Scalar(0.02f))),
        ["int8 by attribute"] = b => Moved(b, b.Op("QuantizeLinear", [b.Input("x", 4, 8), b.Scalar(0.02f)], new NodeAttribute("output_dtype", (long)ElementType.Int8))),
        ["int8 by attribute and zero point"] = b => Moved(b, b.Op("QuantizeLinear", [b.Input("x", 4, 8), b.Scalar(0.02f), b.Scalar((sbyte)0)], new NodeAttribute("output_dtype", (long)ElementType.Int8))),
        ["a product of int8 with an int32 bias"] = b =>
        {
            Value x = b.Op("DequantizeLinear", b.Op("QuantizeLinear", b.Input("x", 4, 8), b.Scalar(0.02f), b.Scalar((sbyte)0)), b.Scalar(0.02f));
            Value bias = b.Op("DequantizeLinear", b.Constant(new[] { 5, -9, 1200, 0 }), b.Scalar(0.002f));
            Value y = b.Op("Gemm", x, b.Op("DequantizeLinear", Integers(b, 8, 4), b.Scalar(0.1f)), bias);
            return Moved(b, b.Op("QuantizeLinear", y, b.Scalar(0.2f), b.Scalar((sbyte)0)));
        },
        ["a scale for each row"] = b => b.Op("Transpose", [b.Op("DequantizeLinear", [Integers(b, 16, 8), b.Constant(Scales(16))], new NodeAttribute("axis", 0L))], Turned),
        ["a scale for each block"] = b => b.Op("Transpose",
            [b.Op("DequantizeLinear", [Integers(b, 16, 8), b.Constant(Scales(32), 16, 2)], new NodeAttribute("axis", 1L), new NodeAttribute("block_size", 4L))], Turned),
        ["16 bits"] = b => Moved(b, b.Op("QuantizeLinear", b.Input("x", 4, 8), b.Scalar(1e-4f), b.Scalar((short)0)), 1e-4f),
    };

    public static TheoryData<string, long> Cases => new(
        from name in Graphs.Keys
        from opset in (long[])[10, 13, 17, 19, 21]
        where opset >= (name.Contains("attribute", StringComparison.Ordinal) || name.Contains("block", StringComparison.Ordinal) || name.StartsWith("16", StringComparison.Ordinal) ? 21 : name.Contains("row", StringComparison.Ordinal) ? 13 : 10)
        select (name, opset));

    [Theory]
    [MemberData(nameof(Cases))]
    public void The_answers_are_those_of_the_standard(string name, long opset)
    {
        var b = new GraphBuilder(opset, opset >= 21 ? 10 : 8);
        Model model = b.Output("y", b.Op("Neg", Graphs[name](b))).Model;
        IReadOnlyList<(string, TensorBuffer)> inputs = SampleFolder.Inputs(model, 1, 4);
        using var plain = InferenceSession.Open(OnnxWriter.ToBytes(model), new SessionOptions { GraphOptimization = GraphOptimization.None });
        float[] expected = plain.Run(inputs)[0].AsSpan<float>().ToArray();
        Assert.Contains(expected, number => number != 0);

        foreach (Optimizer.Compilation.Precision precision in (Optimizer.Compilation.Precision[])[Optimizer.Compilation.Precision.Float32, Optimizer.Compilation.Precision.Int8Dynamic])
        {
            CompileResult result = Compiler.Compile(model.Clone(), new CompileOptions { Precision = precision, MeasureLatency = false }, cancellationToken: TestContext.Current.CancellationToken);
            using var session = InferenceSession.Open(OnnxWriter.ToBytes(result.Model), ExactIntegers.For(result.Model));
            float[] actual = session.Run(inputs)[0].AsSpan<float>().ToArray();
            // A product on integers may round a half to the other side.
            Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, name.Contains("product", StringComparison.Ordinal) ? 0.21f : 1e-5f));
        }
    }

    private static Value Moved(GraphBuilder b, Value integers, float scale = 0.02f) => b.Op("Transpose", [b.Op("DequantizeLinear", integers, b.Scalar(scale))], Turned);

    private static Value Integers(GraphBuilder b, params ReadOnlySpan<long> dims) => b.Constant(TestTensors.Random(ElementType.Int8, 7, dims));

    private static float[] Scales(int count) => [.. Enumerable.Range(1, count).Select(i => 0.01f * i)];
}
