using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Quantization;
using ModelCompiler.Optimizer.Tests.Support;
using ModelCompiler.Runtime;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Quantization;

public sealed class NoiseRankingTests
{
    private const int Width = 64;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void What_is_left_of_a_choice_may_be_of_another_size_and_does_not_rank(bool isSliced)
    {
        (Model model, Model noisier) = (Chain(0, isSliced), Chain(0.5f, isSliced));
        IReadOnlyList<(string, TensorBuffer)>[] samples = [.. Enumerable.Range(0, 4).Select(seed => ((string, TensorBuffer)[])[("x", TensorBuffer.Create([1, Width], TestTensors.Normal(seed, 1, Width).Floats()))])];

        Assert.Equal(["second", "first"], NoiseRanking.Rank(model, noisier, ["first", "second"], samples, TestContext.Current.CancellationToken));
    }

    /// <summary>Two products, the second with noise on its weights, and as many of the last numbers as are above zero.</summary>
    private static Model Chain(float noise, bool isSliced)
    {
        var b = new GraphBuilder();
        float[] weights = TestTensors.Normal(2, Width, Width).Floats(), other = TestTensors.Normal(3, Width, Width).Floats();
        for (int i = 0; i < weights.Length; i++) weights[i] += noise * other[i];
        Value h = b.Op("MatMul", b.Input("x", 1, Width), b.Weights(1, Width, Width));
        b.Graph.Rename(h, "first");
        Value y = b.Op("MatMul", b.Op("Tanh", h), b.Constant(weights, Width, Width));
        b.Graph.Rename(y, "second");
        Value flat = b.Op("Reshape", y, b.Constant([(long)Width])), above = b.Op("Greater", flat, b.Scalar(0f));
        Value count = b.Op("ReduceSum", [b.Op("Cast", [above], new NodeAttribute("to", (long)ElementType.Int64))], new NodeAttribute("keepdims", 1L));
        Value kept = isSliced ? b.Op("Slice", flat, b.Constant([0L]), count) : b.Op("Compress", flat, above);
        Model model = b.Output("kept", b.Op("Mul", kept, b.Scalar(3f))).Model;
        model.InferTypes();
        return model;
    }
}
