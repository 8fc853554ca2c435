using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Compilation;
using ModelCompiler.Optimizer.Tests.Support;
using ModelCompiler.Runtime;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Passes.Fusion.Normalizations;

public sealed class NormalizerSignsTests
{
    private static readonly float[] Numbers = [1, -2, 3, -4, 0, 0, 0, 0, -1, 2, -2, 4];

    /// <summary>Once the shapes are known, ONNX Runtime's kernel shares the memory of its input.</summary>
    [Theory]
    [InlineData("L2", 3L, 4L)]
    [InlineData("L2", 12L)]
    [InlineData("L1", 3L, 4L)]
    public void The_compiled_model_keeps_the_signs(string norm, params long[] dims)
    {
        var b = new GraphBuilder();
        b.Model.Opsets["ai.onnx.ml"] = 3;
        Value x = b.Op("Neg", b.Input("x", [.. dims.Select(dim => (Dim)dim)]));
        b.Output("y", b.Op("Neg", b.Node("Normalizer", [x], 1, "ai.onnx.ml", new NodeAttribute("norm", norm)).Outputs[0]));

        float[] actual = Compiled(b.Model, Numbers, dims);

        int columns = (int)dims[^1];
        float[] expected = [.. Numbers.Chunk(columns).SelectMany(row => row.Select(number => number / Divisor(norm, row)))];
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, 1e-6f));
    }

    [Fact]
    public void Integers_keep_theirs_too()
    {
        var b = new GraphBuilder();
        b.Model.Opsets["ai.onnx.ml"] = 3;
        Value x = b.Op("Cast", [b.Input("x", 1, 4)], new NodeAttribute("to", (long)ElementType.Int32));
        b.Output("y", b.Op("Neg", b.Node("Normalizer", [x], 1, "ai.onnx.ml", new NodeAttribute("norm", "L2")).Outputs[0]));

        float[] actual = Compiled(b.Model, [1, -1, 5, -3], [1, 4]);

        Assert.All(new[] { -1 / 6f, 1 / 6f, -5 / 6f, 0.5f }.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, 1e-6f));
    }

    private static float[] Compiled(Model model, float[] numbers, long[] dims)
    {
        CompileResult result = Compiler.Compile(model, new CompileOptions { MeasureLatency = false }, cancellationToken: TestContext.Current.CancellationToken);
        using var session = InferenceSession.Open(OnnxWriter.ToBytes(result.Model));
        return session.Run([("x", TensorBuffer.Create<float>(dims, numbers))])[0].AsSpan<float>().ToArray();
    }

    /// <summary>Where the divisor is zero, numbers stay what they are.</summary>
    private static float Divisor(string norm, float[] row)
    {
        float divisor = norm == "L2" ? MathF.Sqrt(row.Sum(number => number * number)) : row.Sum(Math.Abs);
        return divisor == 0 ? 1 : divisor;
    }
}
