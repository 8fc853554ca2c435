using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Compilation;
using ModelCompiler.Optimizer.Tests.Support;
using ModelCompiler.Tests;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Compilation;

/// <summary>A <c>MaxAccuracyDrop</c> holds or the build fails: whatever the outputs are, whichever the precision, and whoever decided.</summary>
public sealed class HeldBudgetTests : IDisposable
{
    private const int Columns = 8, Hidden = 256, Samples = 64, Side = 8;

    private readonly Workspace _workspace = new();

    public void Dispose() => _workspace.Dispose();

    /// <summary>One number a sample is no choice: nothing is lost by the count of changed answers, however wrong it is.</summary>
    [Theory]
    [InlineData(Precision.Int8)]
    [InlineData(Precision.Mixed)]
    public void Of_a_number_that_would_be_ruined_the_layers_that_ruin_it_stay_in_float(Precision precision)
    {
        CompileResult ruined = Compile(Regression(), Options(Precision.Int8, Table()) with { MaxAccuracyDrop = 100 });
        Assert.InRange(ruined.Agreement!.Outputs[0].SqnrDb, -20, 10);

        CompileResult held = Compile(Regression(), Options(precision, Table()) with { MaxAccuracyDrop = 0.1 });
        Assert.InRange(held.Agreement!.Outputs[0].SqnrDb, 30, 200);
        Assert.True(held.QuantizedNodes > 0);
    }

    [Theory]
    [InlineData(Precision.BFloat16)]
    [InlineData(Precision.Float16)]
    public void What_has_nothing_to_keep_more_exact_is_refused(Precision precision)
    {
        CompilerException error = Assert.Throws<CompilerException>(() => Compile(Regression(), Options(precision, Table()) with { MaxAccuracyDrop = 1e-9 }));
        Assert.Equal("OM4001", error.Code);
        Assert.Contains($"points on {Samples} samples ({precision}). Allow a larger drop, give labelled ones", error.Message, StringComparison.Ordinal);
        // What is small is not said to be nothing.
        Assert.DoesNotContain("loses 0 points", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Precision.Int8)]
    [InlineData(Precision.Int8Dynamic)]
    public void A_plan_that_does_not_hold_it_is_refused(Precision precision)
    {
        CompileOptions options = Options(precision, Table());
        CompilationPlan plan = new() { Precision = precision };
        Assert.NotNull(Compile(Regression(), options with { Plan = plan }));
        CompilerException error = Assert.Throws<CompilerException>(() => Compile(Regression(), options with { Plan = plan, MaxAccuracyDrop = 1e-9 }));
        Assert.Equal("OM4019", error.Code);
        Assert.Contains("modelc tune", error.Message, StringComparison.Ordinal);
    }

    /// <summary>The small difference of large weights is nothing in bfloat16: there is nothing on integers that a mixture could take back.</summary>
    [Fact]
    public void The_advice_is_for_the_precision_that_was_asked_for()
    {
        const int Alike = 512;
        var b = new GraphBuilder();
        Value alike = b.Op("Tanh", b.Op("MatMul", b.Input("x", Dim.Named("batch"), Columns), b.Constant(Tensor.Create<float>([.. Enumerable.Repeat(1f, Columns * Alike)], Columns, Alike), "w")));
        float[] differing = [.. Enumerable.Range(0, Alike).Select(i => i % 2 == 0 ? 1000.3f : -1000.1f)];
        Model model = b.Output("y", b.Op("MatMul", alike, b.Constant(Tensor.Create<float>(differing, Alike, 1), "v"))).Model;
        CompileResult result = Compile(model, Options(Precision.BFloat16, Table()));
        Assert.Contains("; Precision=\"Float32\" keeps", Assert.Single(result.Warnings, warning => warning.Code == "OM4015").Message, StringComparison.Ordinal);
    }

    /// <summary>The classes of a pixel are channels. The largest element of a line of pixels is another one at the slightest noise.</summary>
    [Fact]
    public void Of_pixels_the_class_counts()
    {
        CompileResult result = Compile(Segmentation(), Options(Precision.Int8, Pictures()) with { MaxAccuracyDrop = 2 });
        Assert.Equal(2, result.QuantizedNodes);
        Assert.InRange(result.Agreement!.Outputs[0].Top1Agreement!.Value, 0.98, 1);
    }

    /// <summary>Samples of very different size, each of which one range for all would leave with nothing: no layers in float mend it.</summary>
    [Theory]
    [InlineData(10.0)]
    [InlineData(null)]
    public void A_mixture_takes_ranges_of_each_run_where_those_of_samples_lose_too_much(double? drop)
    {
        var b = new GraphBuilder();
        Value hidden = b.Input("x", 1, Hidden);
        for (int i = 0; i < 2; i++) hidden = b.Op("Relu", b.Op("MatMul", hidden, b.Weights(3 + i, Hidden, Hidden)));
        Model model = b.Output("y", b.Op("MatMul", hidden, b.Weights(9, Hidden, 4))).Model;
        float[] samples = TestTensors.Normal(7, Samples, Hidden).Floats();
        for (int i = 0; i < samples.Length; i++) samples[i] *= MathF.Pow(10, (i / Hidden % 9) - 4);
        CompileOptions options = Options(Precision.Mixed, _workspace.Write("sizes.npz", NumpyFiles.Npz(("x", NumpyFiles.Npy<float>(samples, Samples, 1, Hidden)))));
        CompileResult result = Compile(model, options with { MaxAccuracyDrop = drop });
        Assert.Equal((Precision.Int8Dynamic, true), (result.Plan.Precision, result.QuantizedNodes > 0));
        Assert.Empty(result.Warnings);
        Assert.NotEmpty(result.Events);
    }

    private static CompileResult Compile(Model model, CompileOptions options) => Compiler.Compile(model, options, cancellationToken: TestContext.Current.CancellationToken);

    private static CompileOptions Options(Precision precision, string samples) => new() { Precision = precision, CalibrationPath = samples, MeasureLatency = false };

    /// <summary>Columns as they come, of which one is a million times as large as the others that the answer hangs on as much.</summary>
    private static Model Regression()
    {
        var b = new GraphBuilder();
        float[] weights = TestTensors.Normal(1, Columns, Hidden).Floats();
        for (int i = 0; i < Hidden; i++) weights[i] *= 1e-6f;
        Value hidden = b.Op("Relu", b.Op("Gemm", b.Input("x", Dim.Named("batch"), Columns), b.Constant(Tensor.Create<float>(weights, Columns, Hidden), "w"), b.Weights(2, Hidden)));
        for (int i = 0; i < 3; i++) hidden = b.Op("Relu", b.Op("Gemm", hidden, b.Weights(3 + i, Hidden, Hidden), b.Weights(10 + i, Hidden)));
        return b.Output("y", b.Op("Gemm", hidden, b.Weights(20, Hidden, 1), b.Weights(21, 1))).Model;
    }

    private string Table()
    {
        float[] columns = TestTensors.Normal(7, Samples, Columns).Floats();
        for (int i = 0; i < columns.Length; i += Columns) columns[i] = 1e6f * Math.Clamp(columns[i], -1, 1);
        return _workspace.Write("table.npz", NumpyFiles.Npz(("x", NumpyFiles.Npy<float>(columns, Samples, Columns))));
    }

    /// <summary>Three classes, of which each pixel's is far from the others.</summary>
    private static Model Segmentation()
    {
        var b = new GraphBuilder();
        Value features = b.Op("Relu", b.Op("Conv", [b.Input("x", Dim.Named("batch"), 1, Side, Side), b.Weights(1, 16, 1, 3, 3), b.Weights(2, 16)], new NodeAttribute("pads", [1L, 1, 1, 1])));
        float[] bias = [0, 40, -40];
        return b.Output("classes", b.Op("Conv", features, b.Weights(3, 3, 16, 1, 1), b.Constant(bias, 3))).Model;
    }

    private string Pictures() =>
        _workspace.Write("pictures.npz", NumpyFiles.Npz(("x", NumpyFiles.Npy<float>(TestTensors.Normal(7, Samples, 1, Side, Side).Floats(), Samples, 1, Side, Side))));
}
