using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Compilation;
using ModelCompiler.Optimizer.Tests.Support;
using ModelCompiler.Runtime;
using ModelCompiler.Tests;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Quantization;

/// <summary>
/// A portable model answers bit for bit the same whether ONNX Runtime adds products of bytes in 16 bits or in 32, as it does with
/// <see cref="SessionOptions.ExactIntegers"/>. On a processor without VNNI this proves that no sum saturates; on one with VNNI the option changes nothing, and
/// the tests pass for any weights.
/// </summary>
public sealed class ExactSumsTests : IDisposable
{
    private static readonly int[] Batches = [1, 3, 32];

    private readonly Workspace _folder = new();

    public static TheoryData<string> Names => [.. SaturationCases.All.Keys];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Names))]
    public void Static_products_do_not_saturate(string name) => Check(name, Precision.Int8);

    [Theory]
    [MemberData(nameof(Names))]
    public void Dynamic_products_do_not_saturate(string name) => Check(name, Precision.Int8Dynamic);

    private void Check(string name, Precision precision)
    {
        SaturationCase product = SaturationCases.All[name];
        foreach (int seed in (int[])[0, 1])
        {
            Model model = product.Make(Dim.Named("n"), Weights(seed));
            string samples = _folder.Write($"samples{seed}.npz", NumpyFiles.Npz(("x", NumpyFiles.Npy<float>(Inputs(product, 8, 1), [8, .. product.Shape]))));
            var options = new CompileOptions { Precision = precision, CalibrationPath = samples, MeasureLatency = false };
            CompileResult result = Compiler.Compile(model, options, cancellationToken: TestContext.Current.CancellationToken);
            byte[] bytes = OnnxWriter.ToBytes(result.Model);
            using InferenceSession plain = InferenceSession.Open(bytes);
            using InferenceSession exact = InferenceSession.Open(bytes, new SessionOptions { ExactIntegers = true });
            foreach (int batch in Batches)
            {
                foreach (int inputs in (int[])[0, 1, 2])
                {
                    TensorBuffer x = TensorBuffer.Create([batch, .. product.Shape], Inputs(product, batch, inputs));
                    float[] expected = exact.Run([("x", x)])[0].AsSpan<float>().ToArray(), actual = plain.Run([("x", x)])[0].AsSpan<float>().ToArray();
                    int differ = expected.Zip(actual).Count(pair => BitConverter.SingleToInt32Bits(pair.First) != BitConverter.SingleToInt32Bits(pair.Second));
                    float most = expected.Zip(actual).Max(pair => MathF.Abs(pair.First - pair.Second)) / expected.Max(MathF.Abs);
                    Assert.True(differ == 0, $"{name}, {precision}, weights {seed}, inputs {inputs}, batch {batch}: {differ} of {expected.Length} differ by up to {most:G3}, {result.QuantizedNodes} products on integers");
                }
            }
        }
    }

    /// <summary>Nearly all at the largest for seed 0, else normal.</summary>
    private static Func<GraphBuilder, long[], Value> Weights(int seed)
    {
        int next = seed * 1000;
        return (b, dims) =>
        {
            float[] values = TestTensors.Normal(++next, dims).Floats();
            return b.Constant(Tensor.Create<float>(seed == 0 ? [.. values.Select(v => 1 - MathF.Min(0.3f, MathF.Abs(v) / 16))] : values, dims));
        };
    }

    /// <summary>All at the top of their range for 0, else between its ends; samples for calibration reach both.</summary>
    private static float[] Inputs(SaturationCase product, int count, int seed)
    {
        var random = new Random(seed);
        var values = new float[product.Shape.Aggregate((long)count, (all, size) => all * size)];
        for (int i = 0; i < values.Length; i++) values[i] = seed == 0 ? 1 : i % 7 == 0 ? 1 : (random.NextSingle() * 1.25f) - 0.25f;
        return values;
    }
}
