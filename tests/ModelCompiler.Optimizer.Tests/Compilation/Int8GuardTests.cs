using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Compilation;
using ModelCompiler.Optimizer.Tests.Support;
using ModelCompiler.Tests;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Compilation;

/// <summary>Graphs that int8 ruins unless something stays in floating point: nobody asks for it, no budget is set.</summary>
public sealed class Int8GuardTests : IDisposable
{
    private readonly Workspace _workspace = new();
    private readonly GraphBuilder _g = new();

    public void Dispose() => _workspace.Dispose();

    [Fact]
    public void A_spectrum_stays_in_float_and_the_network_behind_its_logarithm_does_not()
    {
        // |DFT|² of frames whose loudness varies over six decades, then log: the small bins count as much as the large.
        Value x = _g.Input("x", Dim.Named("n"), 1, 64);
        Value real = _g.Op("Conv", x, _g.Constant(Basis(Math.Cos), 32, 1, 64)), imaginary = _g.Op("Conv", x, _g.Constant(Basis(Math.Sin), 32, 1, 64));
        Value power = _g.Op("Add", _g.Op("Mul", real, real), _g.Op("Mul", imaginary, imaginary));
        Value h = _g.Op("Flatten", _g.Op("Log", _g.Op("Add", power, _g.Scalar(1e-12f))));
        h = _g.Op("Relu", _g.Op("Gemm", h, _g.Weights(3, 32, 64), _g.Weights(4, 64)));
        _g.Output("y", _g.Op("Gemm", h, _g.Weights(5, 64, 8), _g.Weights(6, 8)));

        CompileResult result = Compile(i => Math.Pow(10, -(i / 64 % 7)), 1, 64);

        Assert.Equal((2, 2), (result.QuantizedNodes, result.FloatNodes));
        Assert.Equal(["Conv", "Conv"], result.Model.Graph.Nodes.Where(node => result.Plan.Layers.ContainsKey(node.Outputs[0].Name)).Select(node => node.OpType));
        Assert.All(result.Plan.Layers.Values, word => Assert.Equal(CompilationPlan.Float, word));
        Assert.InRange(result.Agreement!.Outputs[0].Cosine, 0.99, 1);
    }

    [Fact]
    public void Where_nothing_runs_on_integers_no_samples_are_asked_for()
    {
        _g.Output("y", _g.Op("Tanh", _g.Input("x", Dim.Named("n"), 8)));
        _g.Model.InferTypes();
        CompileResult result = Compiler.Compile(_g.Model, new CompileOptions { Precision = Precision.Int8, MeasureLatency = false }, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal("OM4004", Assert.Single(result.Warnings).Code);
    }

    /// <summary>A table of strings goes through, and no samples of it can be given: nor are any asked for.</summary>
    [Fact]
    public void Where_there_can_be_no_samples_and_nothing_to_quantize_none_are_asked_for()
    {
        _g.Output("y", _g.Op("Identity", _g.Input("x", ElementType.String, Dim.Named("n"), 1)));
        _g.Model.InferTypes();
        CompileResult result = Compiler.Compile(_g.Model, new CompileOptions { Precision = Precision.Int8, MeasureLatency = false }, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal("OM4004", Assert.Single(result.Warnings).Code);
    }

    /// <summary>A decoder whose token weights are read both ways, and large enough to be left as they are: what int8 folds for itself is not in the file that stays in floating point.</summary>
    [Fact]
    public void What_stays_in_float_is_what_float32_makes_of_it()
    {
        Value weights = _g.Weights(1, 512, 64);
        Value x = _g.Op("Gather", weights, _g.Input("ids", ElementType.Int64, Dim.Named("n")));
        _g.Output("y", _g.Op("Softmax", _g.Op("MatMul", x, _g.Op("Transpose", [weights], new NodeAttribute("perm", [1L, 0L])))));
        _g.Model.InferTypes();
        CompileOptions options = new() { MeasureLatency = false }, integers = options with { Precision = Precision.Int8, Plan = StaysInFloat };

        Model inFloat = Compiler.Compile(_g.Model.Clone(), options, cancellationToken: TestContext.Current.CancellationToken).Model;
        Model shipped = Compiler.Compile(_g.Model.Clone(), integers, cancellationToken: TestContext.Current.CancellationToken).Model;

        Assert.Equal(OnnxWriter.ToBytes(inFloat), OnnxWriter.ToBytes(shipped));
    }

    private static CompilationPlan StaysInFloat => new() { Precision = Precision.Int8, Choices = new Dictionary<string, string> { [CompilationPlan.ComputesWith] = CompilationPlan.Float } };

    /// <summary>Words cannot be in a file of samples, so it is not asked for one.</summary>
    [Theory]
    [InlineData(Precision.Int8)]
    [InlineData(Precision.Auto)]
    public void Where_there_can_be_no_samples_the_error_says_what_needs_none(Precision precision)
    {
        Value words = _g.Input("words", ElementType.String, Dim.Named("n"));
        _g.Model.Opsets["ai.onnx.ml"] = 2;
        Value ids = _g.Node("LabelEncoder", [words], 1, "ai.onnx.ml", new NodeAttribute("keys_strings", ["a"]), new NodeAttribute("values_int64s", [1L]), new NodeAttribute("default_int64", 0L)).Outputs[0];
        _g.Output("y", _g.Op("MatMul", _g.Op("Gather", _g.Weights(1, 4, 64), ids), _g.Weights(2, 64, 64)));
        _g.Model.InferTypes();

        CompilerException error = Assert.Throws<CompilerException>(() =>
            Compiler.Compile(_g.Model, new CompileOptions { Precision = precision, MeasureLatency = false }, cancellationToken: TestContext.Current.CancellationToken));

        Assert.Equal("OM2213", error.Code);
        Assert.Contains("'words'", error.Message, StringComparison.Ordinal);
        Assert.Contains("Int8Dynamic", error.Message, StringComparison.Ordinal);
    }

    /// <summary>What ships in floating point has no ranges that random inputs could have made wrong.</summary>
    [Fact]
    public void In_float_nothing_is_said_of_random_ranges()
    {
        _g.Output("y", _g.Op("MatMul", _g.Input("x", Dim.Named("n"), 8), _g.Weights(1, 8, 8)));
        _g.Model.InferTypes();
        var plan = new CompilationPlan { Precision = Precision.Int8, Choices = new Dictionary<string, string> { ["compute"] = CompilationPlan.Float } };
        CompileResult result = Compiler.Compile(_g.Model, new CompileOptions { Precision = Precision.Int8, MeasureLatency = false, Plan = plan }, cancellationToken: TestContext.Current.CancellationToken);
        Assert.DoesNotContain(result.Warnings, warning => warning.Code == "OM2231");
    }

    [Fact]
    public void The_logarithm_of_a_spectrum_is_not_for_integers()
    {
        // log(bands · |DFT|²) as it is fed to networks: its values agree in sum, as most of them is the mean, while quiet bins are lost.
        Value x = _g.Input("x", Dim.Named("n"), 1, 64);
        Value real = _g.Op("Conv", x, _g.Constant(Basis(Math.Cos), 32, 1, 64)), imaginary = _g.Op("Conv", x, _g.Constant(Basis(Math.Sin), 32, 1, 64));
        Value two = _g.Scalar(2f);
        Value power = _g.Op("Add", _g.Op("Pow", real, two), _g.Op("Pow", imaginary, two));
        float[] bands = [.. TestTensors.Normal(3, 32 * 12).Floats().Select(Math.Abs)];
        Value mel = _g.Op("MatMul", _g.Op("Transpose", [power], new NodeAttribute("perm", new long[] { 0, 2, 1 })), _g.Constant(bands, 32, 12));
        _g.Output("y", _g.Op("Mul", _g.Op("Log", _g.Op("Clip", mel, _g.Scalar(1e-10f))), _g.Scalar(4.34f)));

        CompileResult result = Compile(i => 1000 * Math.Pow(10, -(i / 64 % 5) / 2.0), 1, 64);

        Assert.Equal((0, 3), (result.QuantizedNodes, result.FloatNodes));
        Assert.Contains(result.Warnings, warning => warning.Code == "OM4007");
        Assert.Equal(1, result.Agreement!.Outputs[0].Cosine, 1e-6);
    }

    [Theory]
    [InlineData(Precision.Int4)]
    [InlineData(Precision.Int8Dynamic)]
    public void The_bands_of_a_spectrum_keep_all_bits_of_their_weights_and_the_network_behind_them_does_not(Precision precision)
    {
        Value x = _g.Input("x", 4, 256);
        float[] bands = [.. TestTensors.Normal(3, 256 * 256).Floats().Select(Math.Abs)];
        Value mel = _g.Op("Log", _g.Op("Add", _g.Op("MatMul", _g.Op("Mul", x, x), _g.Constant(bands, 256, 256)), _g.Scalar(1e-10f)));
        _g.Output("mel", mel).Output("y", _g.Op("Gemm", mel, _g.Weights(5, 256, 256), _g.Weights(6, 256)));

        CompileResult result = Compiler.Compile(_g.Model, new CompileOptions { Precision = precision, MeasureLatency = false }, cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal((1, 1), (result.QuantizedNodes, result.FloatNodes));
        Assert.Contains(result.Events, e => e.Text.Contains("a logarithm of its results", StringComparison.Ordinal));
        Assert.InRange(result.Agreement!.Outputs[0].SqnrDb, 100, double.PositiveInfinity);
    }

    [Fact]
    public void Scores_beside_boxes_in_pixels_keep_their_precision()
    {
        Value x = _g.Op("Relu", _g.Op("Conv", _g.Input("x", Dim.Named("n"), 8, 6, 6), _g.Weights(1, 16, 8, 1, 1)));
        Value boxes = _g.Op("Mul", _g.Op("Sigmoid", _g.Op("Conv", x, _g.Weights(2, 4, 16, 1, 1))), _g.Scalar(640f));
        Value scores = _g.Op("Sigmoid", _g.Op("Conv", x, _g.Weights(3, 3, 16, 1, 1)));
        Value joined = _g.Op("Concat", [boxes, scores], new NodeAttribute("axis", 1));
        Value head = _g.Op("Reshape", joined, _g.Constant(new long[] { 0, 7, 36 }));
        _g.Output("scores", _g.Op("Slice", head, _g.Constant(new long[] { 4 }), _g.Constant(new long[] { 7 }), _g.Constant(new long[] { 1 })));
        _g.Output("boxes", _g.Op("Slice", head, _g.Constant(new long[] { 0 }), _g.Constant(new long[] { 4 }), _g.Constant(new long[] { 1 })));

        CompileResult result = Compile(_ => 1, 8, 6, 6);

        Assert.DoesNotContain("QuantizeLinear", result.Model.Graph.Nodes.First(node => node.Is("Concat")).Inputs.ToArray().Select(input => input!.Producer!.OpType));
        Assert.All(result.Agreement!.Outputs, output => Assert.InRange(output.SqnrDb, 25, double.PositiveInfinity));
        Assert.True(result.QuantizedNodes > 0);
    }

    [Fact]
    public void A_last_product_whose_channels_are_of_different_scales_stays_in_float()
    {
        Value x = _g.Input("x", Dim.Named("n"), 8, 6, 6);
        for (int i = 0; i < 2; i++) x = _g.Op("Relu", _g.Op("Conv", x, _g.Weights(i, 8, 8, 1, 1)));
        float[] weights = TestTensors.Normal(9, 4 * 8).Floats();
        for (int i = 0; i < 8; i++) weights[i] *= 300;
        Value head = _g.Op("Conv", x, _g.Constant(weights, 4, 8, 1, 1));
        _g.Output("distance", _g.Op("Slice", head, _g.Constant(new long[] { 0 }), _g.Constant(new long[] { 1 }), _g.Constant(new long[] { 1 })));
        _g.Output("scores", _g.Op("Slice", head, _g.Constant(new long[] { 1 }), _g.Constant(new long[] { 4 }), _g.Constant(new long[] { 1 })));

        CompileResult result = Compile(_ => 1, 8, 6, 6);

        Assert.Equal((2, 1), (result.QuantizedNodes, result.FloatNodes));
        Assert.All(result.Agreement!.Outputs, output => Assert.InRange(output.SqnrDb, 25, double.PositiveInfinity));
    }

    [Theory]
    [InlineData(null, true)]
    [InlineData(100.0, false)]
    public void Outputs_that_differ_much_are_told_unless_a_budget_allows_it(double? drop, bool isTold)
    {
        // Waves wound so tightly that the steps of 8 bits show in all that follows, in each layer alike.
        Value x = _g.Input("x", Dim.Named("n"), 16);
        for (int i = 0; i < 3; i++) x = _g.Op("Sin", _g.Op("Gemm", x, _g.Weights(i, 16, 16), _g.Weights(20 + i, 16)));
        _g.Output("y", x);

        CompileResult result = Compile(_ => 1, drop, 16);

        Assert.InRange(result.Agreement!.Outputs[0].SqnrDb, 7, 15);
        Assert.Equal(isTold, result.Warnings.Any(warning => warning.Code == "OM4015"));
    }

    private CompileResult Compile(Func<int, double> loudness, params long[] sample) => Compile(loudness, null, sample);

    private CompileResult Compile(Func<int, double> loudness, double? drop, params long[] sample)
    {
        _g.Model.InferTypes();
        long[] dims = [280, .. sample];
        float[] values = TestTensors.Normal(21, dims).Floats();
        for (int i = 0; i < values.Length; i++) values[i] *= (float)loudness(i);
        string path = _workspace.Write("samples.npz", NumpyFiles.Npz(("x", NumpyFiles.Npy<float>(values, dims))));
        var options = new CompileOptions { Precision = Precision.Int8, CalibrationPath = path, MeasureLatency = false, MaxAccuracyDrop = drop };
        return Compiler.Compile(_g.Model, options, cancellationToken: TestContext.Current.CancellationToken);
    }

    private static float[] Basis(Func<double, double> wave) => [.. Enumerable.Range(0, 32 * 64).Select(i => (float)wave(2 * Math.PI * (i / 64) * (i % 64) / 64))];
}
