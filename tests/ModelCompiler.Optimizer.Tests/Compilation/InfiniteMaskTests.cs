using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Compilation;
using ModelCompiler.Optimizer.Tests.Support;
using ModelCompiler.Tests;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Compilation;

/// <summary>Samples whose mask is −∞ where attention must not look.</summary>
public sealed class InfiniteMaskTests : IDisposable
{
    private const int Tokens = 6, Size = 256;

    private readonly Workspace _workspace = new();

    public void Dispose() => _workspace.Dispose();

    [Theory]
    [InlineData(Precision.Int8, 2)]
    [InlineData(Precision.Int8Dynamic, 2)]
    [InlineData(Precision.Int4, 2)]
    [InlineData(Precision.Float16, 0)]
    [InlineData(Precision.Mixed, 0)]
    public void A_mask_that_softmax_takes_away_is_taken(Precision precision, int quantized)
    {
        CompileResult result = Compile(Network(isMasked: true), precision, -1);
        Assert.InRange(result.QuantizedNodes, quantized, 9);
        Assert.InRange(result.Agreement!.Outputs[0].Cosine, 0.97, 1);
    }

    [Theory]
    [InlineData(Precision.Float32)]
    [InlineData(Precision.Int8)]
    public void A_mask_that_leaves_nothing_is_refused_and_named(Precision precision)
    {
        // All of the third sample is hidden: softmax divides zero by zero.
        var error = Assert.Throws<CompilerException>(() => Compile(Network(isMasked: true), precision, 2));
        Assert.Equal("OM2223", error.Code);
        Assert.Contains("holds -Infinity at [0, 0, 0]", error.Message, StringComparison.Ordinal);
        Assert.Contains("002.npz", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_infinity_that_reaches_an_output_is_refused() =>
        Assert.Equal("OM2223", Assert.Throws<CompilerException>(() => Compile(Network(isMasked: false), Precision.Int8, -1)).Code);

    private CompileResult Compile(Model model, Precision precision, int hidden)
    {
        for (int i = 0; i < 8; i++)
        {
            float[] mask = [.. Enumerable.Range(0, Tokens * Tokens).Select(j => i == hidden || j % Tokens > j / Tokens + i % 2 ? float.NegativeInfinity : 0)];
            byte[] x = NumpyFiles.Npy<float>(TestTensors.Normal(100 + i, 1, Tokens, Size).Floats(), 1, Tokens, Size);
            File.WriteAllBytes(_workspace.PathOf($"{i:D3}.npz"), NumpyFiles.Npz(("x", x), ("mask", NumpyFiles.Npy<float>(mask, 1, Tokens, Tokens))));
        }
        var options = new CompileOptions { Precision = precision, CalibrationPath = _workspace.Folder, MeasureLatency = false };
        return Compiler.Compile(model, options, cancellationToken: TestContext.Current.CancellationToken);
    }

    private static Model Network(bool isMasked)
    {
        var b = new GraphBuilder();
        Value x = b.Input("x", 1, Tokens, Size), mask = b.Input("mask", 1, Tokens, Tokens);
        Value Project(int seed, Value from) => b.Op("MatMul", from, b.Constant([.. TestTensors.Normal(seed, Size * Size).Floats().Select(w => w / 16)], Size, Size));
        Value q = Project(1, x), k = b.Op("Transpose", [Project(2, x)], new NodeAttribute("perm", [0L, 2, 1]));
        Value scores = b.Op("Add", b.Op("Mul", b.Op("MatMul", q, k), b.Scalar(0.0625f)), mask);
        Value y = isMasked ? b.Op("MatMul", b.Op("Softmax", scores), Project(3, x)) : scores;
        return b.Output("y", y).Model;
    }
}
