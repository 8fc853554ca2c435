using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Compilation;
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
    public void A_budget_that_cannot_be_held_says_what_was_reached()
    {
        CompilerException e = Assert.Throws<CompilerException>(() =>
            Compiler.Compile(OnnxReader.Read(Repository.DigitsModel), Int8 with { EvaluationPath = null, MaxAccuracyDrop = -50 }, cancellationToken: TestContext.Current.CancellationToken));
        Assert.Equal("OM4001", e.Code);
        Assert.Contains("-50", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Int8_without_samples_says_how_to_give_them()
    {
        CompilerException e = Assert.Throws<CompilerException>(() =>
            Compiler.Compile(OnnxReader.Read(Repository.DigitsModel), new CompileOptions { Precision = Precision.Int8 }, cancellationToken: TestContext.Current.CancellationToken));
        Assert.Contains("Calibration=", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_plan_is_carried_out_to_the_same_bytes_without_measuring()
    {
        CompileResult measured = Compile(Int8 with { EvaluationPath = null, MeasureLatency = true });
        Assert.NotNull(measured.LatencyRatio);
        CompileResult planned = Compile(Int8 with { EvaluationPath = null, Plan = measured.Plan });
        Assert.Equal(OnnxWriter.ToBytes(measured.Model), OnnxWriter.ToBytes(planned.Model));
    }

    [Fact]
    public void A_plan_decides_what_stays_in_float()
    {
        CompileResult all = Compile(Int8 with { EvaluationPath = null });
        string product = all.Model.Graph.Nodes.First(node => node.Is("Conv")).Outputs[0].Name;
        CompileResult one = Compile(Int8 with { EvaluationPath = null, Plan = all.Plan with { Layers = new Dictionary<string, string> { [product] = CompilationPlan.FloatForSpeed } } });
        Assert.Equal((6, 1), (one.QuantizedNodes, one.FloatNodes));
        Assert.Contains(one.Events, e => e.Pass == "placement" && e.Where == product);

        CompileResult none = Compile(Int8 with { EvaluationPath = null, Plan = all.Plan with { Choices = new Dictionary<string, string> { ["compute"] = CompilationPlan.Float } } });
        Assert.Equal((0, 7), (none.QuantizedNodes, none.FloatNodes));
    }

    [Fact]
    public void A_plan_of_another_model_is_refused_by_the_name_that_it_has_and_the_model_has_not()
    {
        CompilerException e = Assert.Throws<CompilerException>(() => Compile(Int8 with { Plan = new CompilationPlan { Precision = Precision.Int8, Layers = new Dictionary<string, string> { ["nowhere"] = CompilationPlan.Float } } }));
        Assert.Equal("OM2240", e.Code);
        Assert.Contains("'nowhere'", e.Message, StringComparison.Ordinal);
    }

    private static CompileResult Compile(CompileOptions options) =>
        Compiler.Compile(OnnxReader.Read(Repository.DigitsModel), options, cancellationToken: TestContext.Current.CancellationToken);
}
