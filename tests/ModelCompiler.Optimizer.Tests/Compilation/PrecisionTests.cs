using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Compilation;
using ModelCompiler.Optimizer.Tests.Support;
using ModelCompiler.Tests;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Compilation;

/// <summary>The precisions beside static int8, through the whole compiler.</summary>
public sealed class PrecisionTests : IDisposable
{
    private const int Size = 256, Classes = 10, Samples = 200;

    private readonly Workspace _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(Precision.Int8Dynamic, 0.33, 0.999)]
    [InlineData(Precision.Int4, 0.25, 0.97)]
    [InlineData(Precision.Float16, 0.52, 0.99999)]
    [InlineData(Precision.Mixed, 0.6, 0.99)]
    public void Each_makes_the_file_smaller_and_keeps_the_answers(Precision precision, double size, double cosine)
    {
        CompileResult result = Compile(Options(precision) with { CalibrationPath = null, EvaluationPath = Write("e.npz", labelled: true) });
        Assert.InRange(OnnxWriter.ToBytes(result.Model).Length, 1, size * OnnxWriter.ToBytes(Network()).Length);
        Assert.InRange(result.Agreement!.Outputs[0].Cosine, cosine, 1);
        Assert.Empty(result.Warnings);
    }

    /// <summary>
    /// What is looked up in 8 bits, with one scale, moves and goes into products in 8 bits: ONNX Runtime quantizes it again behind the
    /// movement, to unsigned integers where nothing says that they are signed.
    /// </summary>
    [Fact]
    public void A_table_in_front_of_an_lstm_keeps_the_answers()
    {
        const int Rows = 2000, Columns = 128, Units = 256;
        var b = new GraphBuilder();
        Value rows = b.Op("Gather", b.Weights(1, Rows, Columns), b.Input("ids", ElementType.Int64, 1, 8));
        rows = b.Op("Transpose", [rows], new NodeAttribute("perm", [1L, 0, 2]));
        // Large weights would make gates of noise.
        float[] Small(int seed, params long[] dims) => [.. TestTensors.Normal(seed, dims).Floats().Select(weight => weight / 16)];
        Value[] inputs = [rows, b.Constant(Small(2, 1, 4 * Units, Columns), 1, 4 * Units, Columns), b.Constant(Small(3, 1, 4 * Units, Units), 1, 4 * Units, Units)];
        Value y = b.Node("LSTM", inputs, 1, "", new NodeAttribute("hidden_size", (long)Units)).Outputs[0];
        Model model = b.Output("y", y).Model;

        CompileResult result = Compiler.Compile(model, new CompileOptions { Precision = Precision.Int8Dynamic, MeasureLatency = false }, cancellationToken: TestContext.Current.CancellationToken);

        Assert.Contains("DynamicQuantizeLSTM", result.Model.Graph.Operators());
        Assert.Equal(["Gather", "DequantizeLinear", "Transpose"], result.Model.Graph.Nodes.Take(3).Select(node => node.OpType));
        Assert.InRange(result.Agreement!.Outputs[0].Cosine, 0.99, 1);
    }

    [Theory]
    [InlineData(Precision.Int8Dynamic)]
    [InlineData(Precision.Int4)]
    public void A_budget_keeps_the_noisiest_layers_more_exact_and_the_plan_repeats_it(Precision precision)
    {
        CompileResult free = Compile(Options(precision));
        double drop = 100 * (1 - free.Agreement!.Outputs[0].Top1Agreement!.Value);
        Assert.InRange(drop, 0.4, 100);
        CompileResult held = Compile(Options(precision) with { MaxAccuracyDrop = drop - 0.4 });
        Assert.InRange(100 * (1 - held.Agreement!.Outputs[0].Top1Agreement!.Value), 0, drop - 0.4 + 1e-9);
        Assert.NotEmpty(held.Plan.Layers);
        CompileResult again = Compile(Options(precision) with { Plan = held.Plan });
        Assert.Equal(OnnxWriter.ToBytes(held.Model), OnnxWriter.ToBytes(again.Model));
    }

    [Fact]
    public void Auto_takes_what_holds_the_budget_and_the_plan_repeats_it()
    {
        CompileResult found = Compile(Options(Precision.Auto));
        Assert.NotEqual(Precision.Auto, found.Plan.Precision);
        OutputAgreement output = found.Agreement!.Outputs[0];
        Assert.True(output.Top1Agreement >= 0.99 || (output.Regret <= 0.01 && output.SqnrDb >= 20), $"{output}");
        CompileResult again = Compile(Options(Precision.Auto) with { Plan = found.Plan });
        Assert.Equal(OnnxWriter.ToBytes(found.Model), OnnxWriter.ToBytes(again.Model));
    }

    [Fact]
    public void Auto_says_what_its_time_was_too_short_for()
    {
        CompileResult found = Compile(Options(Precision.Auto) with { TuningBudget = TimeSpan.FromMilliseconds(1) });
        Assert.Equal(Precision.Float32, found.Plan.Precision);
        string text = Assert.Single(found.Warnings).Message;
        Assert.Contains("Int8Dynamic, Int8, Int4 could not be tried", text, StringComparison.Ordinal);
    }

    /// <summary>Of classes that are as good as tied another one is no loss: strictly counted, layers would have to stay in float.</summary>
    [Fact]
    public void The_default_budget_forgives_ties()
    {
        CompileResult mixed = Compile(Options(Precision.Mixed));
        Assert.Empty(mixed.Plan.Layers);
        Assert.InRange(mixed.Agreement!.Outputs[0].Top1Agreement!.Value, 0.5, 0.989);
        Assert.InRange(mixed.Agreement.Outputs[0].SqnrDb, 20, 100);
    }

    [Fact]
    public void Auto_without_samples_says_how_to_give_them() => Assert.Equal("OM2232", Refused(new CompileOptions { Precision = Precision.Auto }));

    [Fact]
    public void A_budget_without_samples_cannot_be_checked() =>
        Assert.Equal("OM4003", Refused(new CompileOptions { Precision = Precision.Int8Dynamic, MaxAccuracyDrop = 1 }));

    [Fact]
    public void A_model_without_products_is_said_to_be_as_it_was()
    {
        var b = new GraphBuilder();
        b.Output("y", b.Op("Relu", b.Input("x", 4)));
        CompileResult result = Compiler.Compile(b.Model, new CompileOptions { Precision = Precision.Int4, MeasureLatency = false }, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal("OM4004", Assert.Single(result.Warnings).Code);
    }

    /// <summary>Who has convolutions learns what quantizes them, by the name of the precision that was asked for.</summary>
    [Theory]
    [InlineData(Precision.Mixed, "Precision=\"Mixed\" found nothing", "give some with Calibration")]
    [InlineData(Precision.Int8Dynamic, "Precision=\"Int8Dynamic\" found nothing", "Precision=\"Int8\" only, with Calibration")]
    [InlineData(Precision.Float16, "Precision=\"Float16\" found nothing", "The report lists")]
    public void A_model_of_small_convolutions_is_said_to_need_samples(Precision precision, string name, string advice)
    {
        var b = new GraphBuilder();
        b.Output("y", b.Op("Conv", b.Input("x", 1, 2, 4, 4), b.Weights(1, 2, 2, 1, 1)));
        CompileResult result = Compiler.Compile(b.Model, new CompileOptions { Precision = precision, MeasureLatency = false }, cancellationToken: TestContext.Current.CancellationToken);
        string text = Assert.Single(result.Warnings, warning => warning.Code == "OM4004").Message;
        Assert.Contains(name, text, StringComparison.Ordinal);
        Assert.Contains(advice, text, StringComparison.Ordinal);
    }

    /// <summary>Decoders with and without a cache have their products in branches, which ranges of samples do not reach.</summary>
    [Theory]
    [InlineData(Precision.Mixed, true)]
    [InlineData(Precision.Int8, false)]
    public void Products_in_branches_are_for_dynamic_ranges(Precision precision, bool isSmaller)
    {
        CompileResult result = Compiler.Compile(Branches(), Options(precision), cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(isSmaller, OnnxWriter.ToBytes(result.Model).Length < 0.5 * OnnxWriter.ToBytes(Branches()).Length);
        Assert.Equal(isSmaller ? [] : ["OM4004"], result.Warnings.Select(warning => warning.Code));
        if (!isSmaller) Assert.Contains("Int8Dynamic", result.Warnings[0].Message, StringComparison.Ordinal);
    }

    /// <summary>A transposed convolution is a convolution for the sake of integers only: in float that form is slower.</summary>
    [Fact]
    public void Transposed_convolutions_change_form_on_integers_only()
    {
        CompileOptions options = new() { Precision = Precision.Int8, MeasureLatency = false };
        CompileResult onIntegers = Compiler.Compile(Upsampler(), options, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal((2, 0), (onIntegers.QuantizedNodes, onIntegers.FloatNodes));
        Assert.DoesNotContain("ConvTranspose", onIntegers.Model.Graph.Operators());

        var plan = new CompilationPlan { Precision = Precision.Int8, Choices = new Dictionary<string, string> { ["compute"] = CompilationPlan.Float } };
        CompileResult inFloat = Compiler.Compile(Upsampler(), options with { Plan = plan }, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(["Conv", "ConvTranspose"], inFloat.Model.Graph.Operators());

        static Model Upsampler()
        {
            var b = new GraphBuilder();
            Value x = b.Op("Conv", b.Input("x", 1, 8, 6, 6), b.Weights(1, 8, 8, 1, 1));
            return b.Output("y", b.Op("ConvTranspose", [x, b.Weights(2, 8, 8, 2, 2)], new NodeAttribute("strides", [2L, 2]))).Model;
        }
    }

    [Theory]
    [InlineData("recognizer")]
    [InlineData("classifier")]
    [InlineData("voice-activity")]
    [InlineData("wake-word")]
    [InlineData("face-detector")]
    [InlineData("line-detector")]
    public void Public_models_go_through_every_precision_that_needs_no_data(string name)
    {
        foreach (Precision precision in (Precision[])[Precision.Int8Dynamic, Precision.Int4, Precision.Float16])
        {
            string path = PublicModels.PathOf(name);
            CompileResult result = Compiler.Compile(OnnxReader.Read(path), new CompileOptions { Precision = precision, MeasureLatency = false }, cancellationToken: TestContext.Current.CancellationToken);
            if (precision == Precision.Float16) Assert.InRange(OnnxWriter.ToBytes(result.Model).Length, 1, 0.62 * new FileInfo(path).Length);
            // Which lines it picks from noise hangs on the last bit.
            if (name == "line-detector") continue;
            foreach (OutputAgreement output in result.Agreement?.Outputs ?? [])
                if (!double.IsNaN(output.Cosine)) Assert.InRange(output.Cosine, precision == Precision.Int4 ? 0.7 : 0.98, 1.0000001);
        }
    }

    private static CompileResult Compile(CompileOptions options) => Compiler.Compile(Network(), options, cancellationToken: TestContext.Current.CancellationToken);

    private static string Refused(CompileOptions options) => Assert.Throws<CompilerException>(() => Compile(options)).Code;

    private CompileOptions Options(Precision precision) => new()
    {
        Precision = precision,
        CalibrationPath = Write("c.npz", labelled: false),
        TuningBudget = TimeSpan.FromSeconds(4),
        MeasureLatency = false,
    };

    private string Write(string name, bool labelled)
    {
        byte[] samples = NumpyFiles.Npy<float>(TestTensors.Normal(7, Samples, Size).Floats(), Samples, Size);
        return _folder.Write(name, labelled
            ? NumpyFiles.Npz(("x", samples), ("labels", NumpyFiles.Npy<long>([.. Enumerable.Range(0, Samples).Select(i => (long)i % Classes)], Samples)))
            : NumpyFiles.Npz(("x", samples)));
    }

    /// <summary>Three wide layers whose classes lie close together, so that a budget has something to do.</summary>
    private static Model Network()
    {
        var b = new GraphBuilder();
        Value x = b.Input("x", Dim.Named("batch"), Size);
        for (int i = 0; i < 3; i++) x = b.Op("Tanh", b.Op("Gemm", x, Scaled(b, i, Size), b.Weights(10 + i, Size)));
        return b.Output("y", b.Op("MatMul", x, Scaled(b, 9, Classes))).Model;
    }

    /// <summary>Two branches, each with a product of the same weights.</summary>
    private static Model Branches()
    {
        var b = new GraphBuilder();
        Value x = b.Input("x", Dim.Named("batch"), Size), weights = Scaled(b, 1, Size);
        Graph then = b.Subgraph("then", s => s.Output("a", s.Op("Tanh", s.Op("MatMul", x, weights))));
        Graph otherwise = b.Subgraph("else", s => s.Output("b", s.Op("Sigmoid", s.Op("MatMul", x, weights))));
        Value condition = b.Op("Greater", b.Op("ReduceSum", [x], new NodeAttribute("keepdims", 0L)), b.Scalar(0f));
        return b.Output("y", b.Op("If", [condition], new("then_branch", then), new("else_branch", otherwise))).Model;
    }

    private static Value Scaled(GraphBuilder b, int seed, int columns) =>
        b.Constant(Tensor.Create<float>(Array.ConvertAll(TestTensors.Normal(seed, Size, columns).Floats(), f => f / MathF.Sqrt(Size)), Size, columns), "w");
}
