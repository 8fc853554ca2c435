using System.Globalization;
using ModelCompiler.Diagnostics;
using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Data;
using ModelCompiler.Optimizer.Passes;
using ModelCompiler.Optimizer.Quantization;

namespace ModelCompiler.Optimizer.Compilation.Precisions;

/// <summary>
/// Weights and activations in 8 bits, ranges measured on the calibration samples; what integers slow down stays in floating point, and where
/// that is everything, so does the model.
/// </summary>
internal sealed class StaticInt8 : IPrecisionMethod
{
    /// <summary>Operator set that DequantizeLinear needs for a scale per channel.</summary>
    private const long QuantizationOpset = 13;

    /// <summary>The choice in a plan that says whether the model runs on integers at all.</summary>
    private const string ComputesWith = "compute";

    public PassPipeline Preparation => PassPipeline.BeforeQuantization;

    public CompiledModel Compile(CompilationJob job)
    {
        if (job.Samples is not { } samples) throw DiagnosticTable.CalibrationMissing.Error();
        job.RaiseOpset(QuantizationOpset, Preparation);
        if (job.Options.Plan is { } given && given.Choices.GetValueOrDefault(ComputesWith) == CompilationPlan.Float) return InFloat(job, given);
        job.Progress?.Report($"calibrating on {samples.Count} samples");
        var builder = new Int8Builder(job.Model, job.Options.Target, samples.Inputs(samples.Count, job.Cancellation), job.Cancellation);
        if (job.Options.Plan is { } plan) RefuseStale(plan, builder);
        var evaluator = new ModelEvaluator(job.Source, samples, job.Labelled);
        CompiledModel accurate = new Int8Search(job, builder, evaluator).Run();
        bool isMeasured = job.Options is { MeasureLatency: true, Plan: null };
        return isMeasured ? NeverSlower(job, samples, builder, accurate) : accurate with { Plan = job.Options.Plan ?? accurate.Plan, Events = Events(accurate.Events, job.Options.Plan ?? accurate.Plan) };
    }

    private static void RefuseStale(CompilationPlan plan, Int8Builder builder)
    {
        var known = builder.Plan.Forms.Keys.Select(node => node.Outputs[0].Name).ToHashSet();
        if (plan.LayersInFloat().Order(StringComparer.Ordinal).FirstOrDefault(name => !known.Contains(name)) is { } stale) throw DiagnosticTable.PlanStale.Error(stale);
    }

    /// <summary>The fastest division between integers and floating point that holds the budget; floating point where none gains.</summary>
    private static CompiledModel NeverSlower(CompilationJob job, SampleSet samples, Int8Builder builder, CompiledModel accurate)
    {
        job.Progress?.Report("looking for what integers slow down");
        IReadOnlySet<string> needed = accurate.Plan.LayersInFloat();
        Int8Candidate first = builder.Build(Int8Recipe.Of(accurate.Plan));
        IReadOnlyList<PlacedCandidate> placed = new PlacementSearch(builder, OnnxWriter.ToBytes(FloatSelf(job)), samples, job.Progress, job.Cancellation).Run(first);
        foreach (Int8Candidate candidate in placed.Where(candidate => candidate.IsWorthwhile).Select(candidate => candidate.Candidate))
        {
            CompilationPlan plan = candidate.Recipe.ToPlan(needed);
            var compiled = new CompiledModel(candidate.Model, candidate.Bytes, Events(candidate.Events, plan), accurate.Evaluation) { Plan = plan };
            if (candidate != first) compiled = compiled with { Evaluation = job.Evaluate(compiled) };
            if (job.Holds(compiled.Evaluation)) return compiled;
        }
        string ratio = placed[0].Ratio.ToString("F2", CultureInfo.InvariantCulture);
        var inFloat = new CompilationPlan { Precision = Precision.Int8, Choices = new Dictionary<string, string> { [ComputesWith] = CompilationPlan.Float } };
        return InFloat(job, inFloat) with { Warnings = [(DiagnosticTable.IntegersNotFaster.Id, DiagnosticTable.IntegersNotFaster.Text(ratio))] };
    }

    private static IReadOnlyList<PassEvent> Events(IReadOnlyList<PassEvent> events, CompilationPlan plan) => [.. events, .. plan.Layers.Select(layer => new PassEvent(
        "placement", layer.Key, layer.Value == CompilationPlan.FloatForSpeed ? "stays in float32: faster, with the conversions around it" : "stays in float32: the answers need it", PassEventKind.Refused))];

    private static CompiledModel InFloat(CompilationJob job, CompilationPlan plan)
    {
        Model model = FloatSelf(job);
        var compiled = new CompiledModel(model, OnnxWriter.ToBytes(model), [], null) { Plan = plan };
        return compiled with { Evaluation = job.Evaluate(compiled) };
    }

    /// <summary>The model with everything that is done for floating point.</summary>
    private static Model FloatSelf(CompilationJob job)
    {
        Model model = job.Model.Clone();
        PassPipeline.Float.Run(new PassContext(model, job.Options.Target), job.Cancellation);
        return model;
    }
}
