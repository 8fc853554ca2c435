using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Compilation;
using ModelCompiler.Optimizer.Passes;
using ModelCompiler.Optimizer.Targets;
using ModelCompiler.Optimizer.Tests.Support;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Compilation;

/// <summary>The whole compiler on a trained network and real digits.</summary>
public class CompilerTests
{
    private static CompileOptions Int8 { get; } = new()
    {
        Precision = Precision.Int8,
        CalibrationPath = Repository.DigitsCalibration,
        EvaluationPath = Repository.DigitsEvaluation,
        MaxAccuracyDrop = 0.2,
        MeasureLatency = false,
    };

    [Fact]
    public void A_residual_network_is_integer_throughout_and_keeps_its_accuracy()
    {
        CompileResult result = Compiler.Compile(OnnxReader.Read(Repository.DigitsModel), Int8, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal((7, 0), (result.QuantizedNodes, result.FloatNodes));
        Assert.InRange(result.Accuracy!.Value.Source, 98.5, 100);
        Assert.InRange(result.Accuracy.Value.Compiled, result.Accuracy.Value.Source - 0.2, 100);
        Assert.InRange(result.Agreement!.Outputs[0].Cosine, 0.999, 1);
    }

    [Fact]
    public void The_same_inputs_give_the_same_bytes()
    {
        byte[] first = OnnxWriter.ToBytes(Compiler.Compile(OnnxReader.Read(Repository.DigitsModel), Int8 with { EvaluationPath = null }, cancellationToken: TestContext.Current.CancellationToken).Model);
        byte[] second = OnnxWriter.ToBytes(Compiler.Compile(OnnxReader.Read(Repository.DigitsModel), Int8 with { EvaluationPath = null }, cancellationToken: TestContext.Current.CancellationToken).Model);
        Assert.Equal(first, second);
    }

    [Fact]
    public void A_plan_makes_the_model_that_was_measured_without_measuring()
    {
        CompilationPlan plan = new()
        {
            Precision = Precision.Int8,
            Choices = new Dictionary<string, string> { ["ranges"] = "Percentile" },
            Layers = new Dictionary<string, string> { ["logits"] = CompilationPlan.Float },
        };
        CompileResult planned = Compiler.Compile(OnnxReader.Read(Repository.DigitsModel), Int8 with { Precision = Precision.Float32, Plan = plan }, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal((6, 1), (planned.QuantizedNodes, planned.FloatNodes));
        Assert.Equal(plan.Choices, planned.Plan.Choices);
        Assert.Equal(plan.Layers, planned.Plan.Layers);
    }

    [Fact]
    public void Float32_folds_the_batch_normalizations_and_answers_the_same()
    {
        CompileResult result = Compiler.Compile(OnnxReader.Read(Repository.DigitsModel), Int8 with { Precision = Precision.Float32 }, cancellationToken: TestContext.Current.CancellationToken);
        Assert.DoesNotContain(result.Model.Graph.Nodes, node => node.OpType == "BatchNormalization");
        Assert.Equal(result.Accuracy!.Value.Source, result.Accuracy.Value.Compiled);
        Assert.InRange(result.Agreement!.Outputs[0].SqnrDb, 100, double.PositiveInfinity);
    }

    [Fact]
    public void A_budget_of_time_is_missed_where_that_is_sure()
    {
        CompileOptions measured = new() { CalibrationPath = Repository.DigitsCalibration };
        Assert.True(Compile(measured with { MaxLatencyRatio = 0.1 }).IsTooSlow);
        Assert.False(Compile(measured with { MaxLatencyRatio = 2 }).IsTooSlow);
        Assert.False(Compile(measured).IsTooSlow);
    }

    [Fact]
    public void A_budget_that_cannot_be_held_says_what_was_reached()
    {
        CompilerException e = Assert.Throws<CompilerException>(() =>
            Compiler.Compile(OnnxReader.Read(Repository.DigitsModel), Int8 with { EvaluationPath = null, MaxAccuracyDrop = -50 }, cancellationToken: TestContext.Current.CancellationToken));
        Assert.Equal("OM4001", e.Code);
        Assert.Contains("-50", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Int8_without_samples_is_calibrated_on_random_inputs_and_says_so()
    {
        CompileResult result = Compile(new CompileOptions { Precision = Precision.Int8, MeasureLatency = false });
        (string code, string text) = Assert.Single(result.Warnings);
        Assert.Equal("OM2231", code);
        Assert.Contains("Calibration=", text, StringComparison.Ordinal);
        Assert.Equal((7, 0), (result.QuantizedNodes, result.FloatNodes));
    }

    [Fact]
    public void The_plan_of_a_measured_compilation_gives_the_same_bytes_without_measuring()
    {
        CompileResult measured = Compile(Int8 with { EvaluationPath = null, MeasureLatency = true });
        Assert.NotNull(measured.LatencyRatio);
        // Clearly faster as it is: nothing was divided by what happened to be measured, but the first convolution by its few channels.
        Assert.Equal(["/Relu_output_0", "/stem/conv/Conv_output_0"], measured.Plan.LayersWith(CompilationPlan.FloatForSpeed).Order(StringComparer.Ordinal));
        CompileResult planned = Compile(Int8 with { EvaluationPath = null, Plan = measured.Plan });
        Assert.Equal(OnnxWriter.ToBytes(measured.Model), OnnxWriter.ToBytes(planned.Model));
    }

    [Fact]
    public void A_plan_tells_what_stays_in_float_because_it_is_faster_so()
    {
        CompilationPlan plan = new() { Precision = Precision.Int8, Layers = new Dictionary<string, string> { ["logits"] = CompilationPlan.FloatForSpeed } };
        CompileResult result = Compile(Int8 with { EvaluationPath = null, Plan = plan });
        Assert.Equal((6, 1), (result.QuantizedNodes, result.FloatNodes));
        Assert.Contains(result.Events, e => e is { Pass: "placement", Where: "logits" } && e.Text.Contains("faster", StringComparison.Ordinal));
        Assert.Equal(plan.Layers, result.Plan.Layers);
    }

    [Fact]
    public void A_plan_tells_what_multiplies_on_tiles_and_a_target_without_them_leaves_it()
    {
        CompileOptions options = Int8 with { EvaluationPath = null, Target = TargetProfile.Cpu(TargetCpu.Amx) };
        CompileResult plain = Compile(options);
        string name = plain.Model.Graph.Nodes.Last(node => node.Is("Conv")).Outputs[0].Name;
        CompilationPlan plan = plain.Plan with { Layers = new Dictionary<string, string> { [name] = CompilationPlan.OnTiles } };
        CompileResult onTiles = Compile(options with { Plan = plan }), portable = Compile(Int8 with { EvaluationPath = null, Plan = plan });
        Assert.Equal(plan.Layers, onTiles.Plan.Layers);
        Assert.Single(onTiles.Events, e => e is { Pass: "tile-weights", Kind: PassEventKind.Applied });
        Assert.Single(portable.Events, e => e is { Pass: "tile-weights", Kind: PassEventKind.Refused });
        Assert.Equal((7, 7), (onTiles.QuantizedNodes, portable.QuantizedNodes));
        // Exactly the same where bytes are added in 32 bits; these weights use all of theirs.
        Assert.Equal(plain.Agreement!.Outputs[0].Cosine, onTiles.Agreement!.Outputs[0].Cosine, 1e-3);
    }

    [Fact]
    public void A_plan_may_leave_the_whole_model_in_float()
    {
        CompilationPlan plan = new() { Precision = Precision.Int8, Choices = new Dictionary<string, string> { ["compute"] = CompilationPlan.Float } };
        CompileResult result = Compile(Int8 with { EvaluationPath = null, Plan = plan });
        Assert.Equal((0, 7), (result.QuantizedNodes, result.FloatNodes));
        Assert.Equal(plan.Choices, result.Plan.Choices);
    }

    [Fact]
    public void A_plan_of_another_model_is_refused_by_the_name_that_it_has_and_the_model_has_not()
    {
        CompilationPlan plan = new() { Precision = Precision.Int8, Layers = new Dictionary<string, string> { ["nowhere"] = CompilationPlan.Float } };
        CompilerException e = Assert.Throws<CompilerException>(() => Compile(Int8 with { Plan = plan }));
        Assert.Equal("OM2240", e.Code);
        Assert.Contains("'nowhere'", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(TargetCpu.Avx2)]
    [InlineData(TargetCpu.Avx512Vnni)]
    [InlineData(TargetCpu.Arm64)]
    public void Every_class_of_processors_gets_all_of_the_network_on_integers(TargetCpu cpu)
    {
        CompileResult result = Compile(Int8 with { EvaluationPath = null, Target = TargetProfile.Cpu(cpu) });
        Assert.Equal(7, result.Model.Graph.Nodes.Count(node => node.OpType is "Conv" or "Gemm" && node.Inputs[0]!.Producer!.OpType == "DequantizeLinear"));
        ElementType activations = cpu == TargetCpu.Arm64 ? ElementType.Int8 : ElementType.UInt8;
        Assert.All(result.Model.Graph.Nodes.Where(node => node.Is("QuantizeLinear")), node => Assert.Equal(activations, node.Constant(2)!.ElementType));
        Assert.InRange(result.Agreement!.Outputs[0].Cosine, 0.999, 1);
    }

    private static CompileResult Compile(CompileOptions options) =>
        Compiler.Compile(OnnxReader.Read(Repository.DigitsModel), options, cancellationToken: TestContext.Current.CancellationToken);
}
