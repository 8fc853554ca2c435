using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Compilation;
using ModelCompiler.Optimizer.Tests.Support;
using ModelCompiler.Runtime;
using ModelCompiler.Tests;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Compilation;

/// <summary>What counts is the error on rows that no calibration has seen, among them the few that lie beyond all that it has.</summary>
public sealed class RareRowsTests : IDisposable
{
    private const int Columns = 8, Hidden = 256, HeldOut = 20_000;

    private readonly Workspace _workspace = new();

    public void Dispose() => _workspace.Dispose();

    [Theory]
    [InlineData(100)]
    [InlineData(300)]
    public void Amounts_as_they_come_are_not_cut_off(int samples)
    {
        CompileResult result = Compile(Regression(takesLogarithms: false), Precision.Int8, Amounts(1, samples), samples);
        Assert.Contains("'x'", Assert.Single(result.Warnings, warning => warning.Code == "OM4022").Message, StringComparison.Ordinal);
        Assert.Equal((0, 4), (result.QuantizedNodes, result.FloatNodes));
        Assert.InRange(Error(result.Model, takesLogarithms: false, Amounts(99, HeldOut)), 0, 1e-4);
    }

    [Fact]
    public void A_mixture_takes_ranges_of_each_run_for_them()
    {
        CompileResult result = Compile(Regression(takesLogarithms: false), Precision.Mixed, Amounts(1, 300), 300);
        Assert.Equal((Precision.Int8Dynamic, 2), (result.Plan.Precision, result.QuantizedNodes));
        Assert.Empty(result.Warnings);
        Assert.InRange(Error(result.Model, takesLogarithms: false, Amounts(99, 1000), rowsAtOnce: 1), 1e-5, 0.02);
    }

    /// <summary>They are no reason to leave anything in floating point, however few samples there are.</summary>
    [Theory]
    [InlineData(20)]
    [InlineData(300)]
    public void Their_logarithms_are_for_integers(int samples)
    {
        CompileResult result = Compile(Regression(takesLogarithms: true), Precision.Int8, Amounts(1, samples), samples);
        Assert.Empty(result.Warnings);
        Assert.Equal((4, 0), (result.QuantizedNodes, result.FloatNodes));
        Assert.InRange(Error(result.Model, takesLogarithms: true, Amounts(99, HeldOut)), 1e-4, 0.02);
    }

    /// <summary>A plan says nothing of them: they are found again.</summary>
    [Fact]
    public void A_plan_cuts_nothing_off_either()
    {
        var plan = new CompilationPlan { Precision = Precision.Int8 };
        CompileResult result = Compile(Regression(takesLogarithms: false), Precision.Int8, Amounts(1, 300), 300, plan);
        Assert.Contains(result.Warnings, warning => warning.Code == "OM4022");
        Assert.InRange(Error(result.Model, takesLogarithms: false, Amounts(99, HeldOut)), 0, 1e-4);
    }

    /// <summary>What is normalized behind them goes as far as ever, and no further.</summary>
    [Fact]
    public void Behind_a_normalization_there_are_integers_again()
    {
        var b = new GraphBuilder();
        Value hidden = b.Op("LayerNormalization", b.Op("Relu", b.Op("MatMul", b.Input("x", Dim.Named("batch"), Columns), Layer(b, 1, Columns))), b.Constant([.. Enumerable.Repeat(1f, Hidden)], Hidden));
        Model model = b.Output("y", b.Op("MatMul", b.Op("Relu", b.Op("MatMul", hidden, Layer(b, 2, Hidden))), Layer(b, 3, Hidden, 4))).Model;
        CompileResult result = Compile(model, Precision.Int8, Amounts(1, 300), 300);
        Assert.Contains(result.Warnings, warning => warning.Code == "OM4022");
        Assert.Equal((2, 1), (result.QuantizedNodes, result.FloatNodes));
    }

    private static Model Regression(bool takesLogarithms)
    {
        var b = new GraphBuilder();
        Value hidden = b.Input("x", Dim.Named("batch"), Columns);
        if (takesLogarithms) hidden = b.Op("Log", hidden);
        hidden = b.Op("Relu", b.Op("Gemm", hidden, Layer(b, 1, Columns), b.Weights(11, Hidden)));
        for (int i = 2; i < 4; i++) hidden = b.Op("Relu", b.Op("Gemm", hidden, Layer(b, i, Hidden), b.Weights(10 + i, Hidden)));
        return b.Output("y", b.Op("Gemm", hidden, Layer(b, 4, Hidden, 1), b.Weights(20, 1))).Model;
    }

    private static Value Layer(GraphBuilder b, int seed, int rows, int columns = Hidden)
    {
        float scale = MathF.Sqrt(2f / rows);
        return b.Constant(Tensor.Create<float>(Array.ConvertAll(TestTensors.Normal(seed, rows, columns).Floats(), weight => scale * weight), rows, columns), "w");
    }

    /// <summary>Columns whose logarithms are normal: one number in ten thousand is forty times the median.</summary>
    private static float[] Amounts(int seed, int rows) => Array.ConvertAll(TestTensors.Normal(seed, rows, Columns).Floats(), MathF.Exp);

    private CompileResult Compile(Model model, Precision precision, float[] samples, int count, CompilationPlan? plan = null)
    {
        model.InferTypes();
        string path = _workspace.Write("samples.npz", NumpyFiles.Npz(("x", NumpyFiles.Npy<float>(samples, count, Columns))));
        return Compiler.Compile(
            model, new CompileOptions { Precision = precision, CalibrationPath = path, MeasureLatency = false, Plan = plan }, cancellationToken: TestContext.Current.CancellationToken);
    }

    /// <summary>The root of the mean squared error over that of the answers.</summary>
    private static double Error(Model compiled, bool takesLogarithms, float[] rows, int rowsAtOnce = 1000)
    {
        using InferenceSession reference = InferenceSession.Open(OnnxWriter.ToBytes(Regression(takesLogarithms))), session = InferenceSession.Open(OnnxWriter.ToBytes(compiled));
        double error = 0, energy = 0;
        foreach (float[] some in rows.Chunk(rowsAtOnce * Columns))
        {
            (string, TensorBuffer)[] inputs = [("x", TensorBuffer.Create([some.Length / Columns, Columns], some))];
            float[] expected = reference.Run(inputs)[0].AsSpan<float>().ToArray(), actual = session.Run(inputs)[0].AsSpan<float>().ToArray();
            for (int i = 0; i < expected.Length; i++)
            {
                error += Math.Pow(actual[i] - expected[i], 2);
                energy += Math.Pow(expected[i], 2);
            }
        }
        return Math.Sqrt(error / energy);
    }
}
