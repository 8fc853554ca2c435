using System.Diagnostics;
using System.Globalization;
using ModelCompiler.Diagnostics;
using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Data;
using ModelCompiler.Optimizer.Measurement;
using ModelCompiler.Optimizer.Passes;
using ModelCompiler.Optimizer.Sessions;
using ModelCompiler.Runtime;

namespace ModelCompiler.Optimizer.Compilation.Precisions;

/// <summary>
/// Compiles the model in each precision that may serve the objective, under a budget of accuracy, times what holds it in turns, and takes the
/// best that keeps the budgets of size and time. float32 is always among them: nothing slower than it is chosen.
/// </summary>
internal sealed class AutoPrecision : IPrecisionMethod
{
    private const int ThroughputBatch = 16;

    public PassPipeline Preparation => PassPipeline.Empty;

    public bool NarrowsDouble => false;

    public CompiledModel Compile(CompilationJob job)
    {
        if (job.AnySamples is null or { IsMadeUp: true }) throw MissingSamples.Error(job.Model, DiagnosticTable.TuningSamplesMissing);
        long start = Stopwatch.GetTimestamp();
        var candidates = new List<CompiledModel>();
        foreach (Precision precision in Precisions(job))
        {
            if (candidates.Count > 0 && Stopwatch.GetElapsedTime(start) > job.Options.TuningBudget)
                job.Progress?.Report($"{precision}: not tried, the tuning budget is used up");
            else if (Try(job, precision) is { } candidate) candidates.Add(candidate);
        }
        CompiledModel best = candidates[Best(job, candidates)];
        foreach (CompiledModel candidate in candidates)
            if (candidate != best) candidate.Image.Dispose();
        job.Progress?.Report($"chosen: {best.Plan}");
        return best;
    }

    private static IEnumerable<Precision> Precisions(CompilationJob job)
    {
        yield return Precision.Float32;
        // It takes a second where the ranges of samples may take all of the budget.
        yield return Precision.Int8Dynamic;
        if (job.Samples is not null) yield return Precision.Int8;
        yield return Precision.Int4;
        if (job.Options.Objective == Objective.Size || job.Options.MaxBytes is not null) yield return Precision.Float16;
    }

    /// <summary>The model in a precision; null where that has nothing to work on, or cannot hold the budget.</summary>
    private static CompiledModel? Try(CompilationJob job, Precision precision)
    {
        job.Progress?.Report($"trying {precision}");
        CompilationJob trial = job with
        {
            Passes = new PassContext(job.Model.Clone(), job.Options.Target),
            Options = job.Options with { Precision = precision, IsTuning = true, MaxAccuracyDrop = precision == Precision.Float32 ? null : job.Options.MaxAccuracyDrop },
            DefaultBudget = precision == Precision.Float32 ? null : AccuracyBudget.Default(job),
        };
        IPrecisionMethod method = PrecisionMethods.Of(precision);
        try
        {
            trial.Prepare(method);
            CompiledModel compiled = method.Compile(trial);
            trial.RequireBudget(compiled);
            bool isChanged = precision == Precision.Float32 || trial.IsNarrowed || compiled.Events.Any(e => e.Kind == PassEventKind.Applied);
            if (isChanged) return compiled with { Events = [.. trial.Passes.Events, .. compiled.Events] };
            job.Progress?.Report($"{precision}: {compiled.Warnings.Select(warning => warning.Message).FirstOrDefault("nothing in the model to work on")}");
            compiled.Image.Dispose();
            return null;
        }
        catch (CompilerException e) when (e.Code == DiagnosticTable.AccuracyBudgetMissed.Id || e.Code == DiagnosticTable.OpsetConversionMissing.Id)
        {
            job.Progress?.Report($"{precision}: {e.Message}");
            return null;
        }
    }

    private static int Best(CompilationJob job, List<CompiledModel> candidates)
    {
        (double Ratio, long Bytes)[] figures = [.. Ratios(job, candidates).Zip(candidates, (ratio, candidate) => (ratio, BytesOf(candidate.Model)))];
        for (int i = 0; i < figures.Length; i++)
            job.Progress?.Report(string.Create(CultureInfo.InvariantCulture, $"{candidates[i].Plan.Precision}: {figures[i].Ratio:F2} of float32's time, {figures[i].Bytes} bytes"));
        (int best, bool keepsBudgets) = new AutoChoice(job.Options).Of(figures);
        if (!keepsBudgets) job.Progress?.Report("none keeps the budgets of size and time");
        return best;
    }

    /// <summary>What the file takes, or nearly: a large model's weights are all but the whole of it.</summary>
    private static long BytesOf(Model model) => ModelImage.IsLarge(model) ? OnnxWriter.WeightBytes(model) : OnnxWriter.ToBytes(model).Length;

    /// <summary>Time of each candidate over that of the first, which is in float32.</summary>
    private static double[] Ratios(CompilationJob job, List<CompiledModel> candidates)
    {
        bool isThroughput = job.Options.Objective == Objective.Throughput;
        var options = new SessionOptions { IntraOpThreads = isThroughput ? Environment.ProcessorCount : 1 };
        int batch = isThroughput ? ThroughputBatch : 1;
        IReadOnlyList<(string, TensorBuffer)> inputs = [.. job.AnySamples!.Take(batch).Read(batch, job.Cancellation).First().Inputs];
        var sessions = new List<InferenceSession>();
        try
        {
            foreach (CompiledModel candidate in candidates) sessions.Add(candidate.Image.Open(options));
            var budget = LatencyBudget.Within(TimeSpan.FromSeconds(Math.Min(candidates.Count, job.Options.TuningBudget.TotalSeconds / 4)));
            return [.. LatencyComparison.Measure([.. sessions.Select(session => (session, inputs))], budget, options.IntraOpThreads == 1, job.Cancellation).Figures.Select(f => f.Ratio)];
        }
        finally
        {
            sessions.ForEach(session => session.Dispose());
        }
    }
}
