using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Compilation;
using ModelCompiler.Optimizer.Measurement;
using ModelCompiler.Optimizer.Tests.Support;
using ModelCompiler.Runtime;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Compilation;

/// <summary>Int8 without samples, on inputs whose neighbours are alike, as those of pictures and signals are.</summary>
public sealed class SmoothInputTests
{
    /// <summary>Filters that add up their window answer many times what they answer to noise: 2 dB were left of the answers where ranges came from noise alone, and 6 with three channels of fields that had nothing in common.</summary>
    [Theory]
    [InlineData(1, 4)]
    [InlineData(3, 7)]
    public void Sums_of_windows_are_not_cut_off(int channels, int frequency)
    {
        const int Size = 24;
        var b = new GraphBuilder();
        Value x = b.Input("x", 1, channels, Size, Size);
        x = b.Op("Relu", b.Op("Conv", x, b.Constant(Filters(8, channels, 5), 8, channels, 5, 5)));
        b.Output("y", b.Op("Conv", x, b.Constant(Filters(8, 8, 5), 8, 8, 5, 5)));
        b.Model.InferTypes();
        float[] picture = [.. Enumerable.Range(0, channels * Size * Size).Select(i => 1 + MathF.Sin((float)frequency * (i % Size) / Size) + (0.4f * MathF.Cos(i / Size)))];

        Model compiled = Compiler.Compile(b.Model.Clone(), new CompileOptions { Precision = Precision.Int8, MeasureLatency = false }, cancellationToken: TestContext.Current.CancellationToken).Model;

        var agreement = new OutputAccumulator("y");
        agreement.Add(Run(b.Model), Run(compiled), 1, 1);
        Assert.InRange(agreement.Result().SqnrDb, 15, 60);

        TensorBuffer Run(Model model)
        {
            using var session = InferenceSession.Open(OnnxWriter.ToBytes(model));
            return session.Run([("x", TensorBuffer.Create<float>([1, channels, Size, Size], picture))])[0];
        }
    }

    /// <summary>Sums of a window, each with other weights.</summary>
    private static float[] Filters(int count, int channels, int side) =>
        [.. Enumerable.Range(0, count * channels * side * side).Select(i => (1 + (0.2f * (i % 7))) / (channels * side))];
}
