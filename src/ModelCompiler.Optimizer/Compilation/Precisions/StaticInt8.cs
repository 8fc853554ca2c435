using System.Globalization;
using ModelCompiler.Diagnostics;
using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Data;
using ModelCompiler.Optimizer.Passes;
using ModelCompiler.Optimizer.Quantization;
using ModelCompiler.Optimizer.Quantization.Equalization;

namespace ModelCompiler.Optimizer.Compilation.Precisions;

/// <summary>
/// Weights and activations in 8 bits, ranges measured on the calibration samples; what integers slow down stays in floating point, and where
/// that is everything, so does the model.
/// </summary>
internal sealed class StaticInt8 : IPrecisionMethod
{
    /// <summary>Operator set that DequantizeLinear needs for a scale per channel.</summary>
    private const long QuantizationOpset = 13;

    /// <summary>The outputs are good enough to leave the channels as they are.</summary>
    private const double GoodDb = 30;

    private const double NoticeableGainDb = 0.5;

    private const long EqualizedSamples = 64;

    private static readonly double[] Strengths = [0, 0.5, 0.85];

    public PassPipeline Preparation => PassPipeline.BeforeQuantization;

    public CompiledModel Compile(CompilationJob job)
    {
        if (job.Samples is not { } samples) throw DiagnosticTable.CalibrationMissing.Error();
        job.RaiseOpset(QuantizationOpset, Preparation);
        var evaluator = new ModelEvaluator(job.Source, samples, job.Labelled);
        return job.Options.Plan is { } plan ? CarryOut(plan, job, samples, evaluator) : Search(job, samples, evaluator);
    }

    private static CompiledModel CarryOut(Int8Plan plan, CompilationJob job, SampleSet samples, ModelEvaluator evaluator)
    {
        Int8Builder builder = Builder(job, samples, plan.Equalization);
        var known = builder.Plan.Forms.Keys.Select(node => node.Outputs[0].Name).ToHashSet();
        if (plan.InFloat.FirstOrDefault(node => !known.Contains(node.Output)) is { } stale) throw DiagnosticTable.PlanStale.Error(stale.Output);
        if (plan.IsFloat32) return InFloat(job, evaluator, plan);
        Int8Candidate candidate = builder.Build(new Int8Recipe(plan.Ranges, plan.InFloat.Select(node => node.Output).ToHashSet()));
        return Compiled(candidate, evaluator.Evaluate(candidate.Bytes, job.Cancellation), plan);
    }

    private static CompiledModel Search(CompilationJob job, SampleSet samples, ModelEvaluator evaluator)
    {
        (Int8Search search, Int8Builder builder, Int8Candidate ranged, double strength) = Equalized(job, samples, evaluator);
        if (search.Run(ranged) is not ({ } accurate, { } evaluation)) return InFloat(job, evaluator, new Int8Plan { IsFloat32 = true }, DiagnosticTable.IntegersNotAccurate, "");
        if (!job.Options.MeasureLatency) return Compiled(accurate, evaluation, PlanOf(accurate, accurate, builder, strength));

        job.Progress?.Report("looking for what integers slow down");
        IReadOnlyList<PlacedCandidate> placed = new PlacementSearch(builder, OnnxWriter.ToBytes(FloatSelf(job)), samples, job.Progress, job.Cancellation).Run(accurate);
        foreach (PlacedCandidate candidate in placed.Where(candidate => candidate.IsWorthwhile))
        {
            Evaluation reached = candidate.Candidate == accurate ? evaluation : evaluator.Evaluate(candidate.Candidate.Bytes, job.Cancellation);
            if (search.Holds(reached)) return Compiled(candidate.Candidate, reached, PlanOf(candidate.Candidate, accurate, builder, strength));
        }
        string ratio = placed[0].Ratio.ToString("F2", CultureInfo.InvariantCulture);
        return InFloat(job, evaluator, new Int8Plan { IsFloat32 = true, Ranges = accurate.Recipe.Ranges }, DiagnosticTable.IntegersNotFaster, ratio);
    }

    /// <summary>The strength of equalization that agrees best; none is tried where there is nothing to mend.</summary>
    private static (Int8Search Search, Int8Builder Builder, Int8Candidate Best, double Strength) Equalized(CompilationJob job, SampleSet samples, ModelEvaluator evaluator)
    {
        (Int8Search Search, Int8Builder Builder, Int8Candidate Best, double Strength)? best = null;
        double highest = double.NegativeInfinity;
        foreach (double strength in Strengths)
        {
            job.Progress?.Report(strength == 0 ? $"calibrating on {samples.Count} samples" : FormattableString.Invariant($"with channels evened out by {strength}:"));
            Int8Builder builder = Builder(job, samples, strength);
            var search = new Int8Search(builder.Model, job.Options, samples, builder, evaluator, job.Progress, job.Cancellation);
            (Int8Candidate candidate, double sqnr) = search.BestRanges(best is { } known ? [known.Best.Recipe.Ranges] : Int8Search.RangeMethods);
            if (sqnr > highest + NoticeableGainDb) (best, highest) = ((search, builder, candidate, strength), sqnr);
            if (sqnr >= GoodDb) break;
        }
        return best!.Value;
    }

    /// <summary>Calibrates a copy of the model whose channels are evened out.</summary>
    private static Int8Builder Builder(CompilationJob job, SampleSet samples, double strength)
    {
        Model model = job.Model.Clone();
        if (strength > 0) ChannelEqualizer.Equalize(model, samples.Inputs(EqualizedSamples, job.Cancellation), strength, job.Cancellation);
        return new Int8Builder(model, job.Options.Target, samples.Inputs(samples.Count, job.Cancellation), job.Cancellation);
    }

    private static Int8Plan PlanOf(Int8Candidate candidate, Int8Candidate accurate, Int8Builder builder, double strength) => new()
    {
        Equalization = strength,
        Ranges = candidate.Recipe.Ranges,
        InFloat =
        [
            .. builder.Plan.Forms.Keys.Select(node => node.Outputs[0].Name).Where(candidate.Recipe.KeptInFloat.Contains)
                .Select(name => new FloatNode(name, accurate.Recipe.KeptInFloat.Contains(name) ? FloatReason.Accuracy : FloatReason.Speed)),
        ],
    };

    private static CompiledModel Compiled(Int8Candidate candidate, Evaluation evaluation, Int8Plan plan) =>
        new(candidate.Model, candidate.Bytes, [.. candidate.Events, .. plan.InFloat.Select(Event)], evaluation) { Plan = plan };

    private static PassEvent Event(FloatNode node) => new(
        "placement", node.Output, node.Reason == FloatReason.Speed ? "stays in float32: faster, with the conversions around it" : "stays in float32: the answers need it", PassEventKind.Refused);

    private static CompiledModel InFloat(CompilationJob job, ModelEvaluator evaluator, Int8Plan plan)
    {
        Model model = FloatSelf(job);
        byte[] bytes = OnnxWriter.ToBytes(model);
        return new CompiledModel(model, bytes, [], evaluator.Evaluate(bytes, job.Cancellation)) { Plan = plan };
    }

    private static CompiledModel InFloat(CompilationJob job, ModelEvaluator evaluator, Int8Plan plan, DiagnosticDescriptor reason, string figure) =>
        InFloat(job, evaluator, plan) with { Warnings = [(reason.Id, reason.Text(figure))] };

    /// <summary>The model with everything that is done for floating point.</summary>
    private static Model FloatSelf(CompilationJob job)
    {
        Model model = job.Model.Clone();
        PassPipeline.Float.Run(new PassContext(model, job.Options.Target), job.Cancellation);
        return model;
    }
}
