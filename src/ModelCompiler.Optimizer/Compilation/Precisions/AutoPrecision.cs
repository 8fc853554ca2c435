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
/// best that keeps the budgets of size, time and accuracy. float32 is always among them: nothing slower than it is chosen.
/// </summary>
internal sealed class AutoPrecision : IPrecisionMethod
{
    /// <summary>Over the time that Auto has, when a precision that was begun in time is stopped.</summary>
    private const double LongestStarted = 2;

    private static readonly TimeSpan LongestBudget = TimeSpan.FromDays(10);

    private const int ThroughputBatch = 16;

    public PassPipeline Preparation => PassPipeline.Empty;

    public bool NarrowsDouble => false;

    public CompiledModel Compile(CompilationJob job)
    {
        if (job.AnySamples is null or { IsMadeUp: true }) throw MissingSamples.Error(job.Model, DiagnosticTable.TuningSamplesMissing);
        long start = Stopwatch.GetTimestamp();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(job.Cancellation);
        // Who gives it longer than clocks count means no limit.
        if (job.Options.TuningBudget < LongestBudget) limit.CancelAfter(LongestStarted * job.Options.TuningBudget);
        var candidates = new List<CompiledModel>();
        var left = new List<Precision>();
        foreach (Precision precision in Precisions(job))
        {
            if (candidates.Count > 0 && Stopwatch.GetElapsedTime(start) > job.Options.TuningBudget)
            {
                job.Progress?.Report($"{precision}: not tried, the tuning budget is used up");
                left.Add(precision);
            }
            else if (Try(job, precision, left, candidates.Count > 0 ? limit.Token : job.Cancellation) is { } candidate) candidates.Add(candidate);
        }
        CompiledModel best = candidates[Best(job, candidates)];
        foreach (CompiledModel candidate in candidates)
            if (candidate != best) candidate.Image.Dispose();
        job.Progress?.Report($"chosen: {best.Plan}");
        return left.Count == 0 ? best : best with { Warnings = [.. best.Warnings, Unfinished(job, left)] };
    }

    private static (string, string) Unfinished(CompilationJob job, IEnumerable<Precision> left) =>
        (DiagnosticTable.TuningUnfinished.Id, DiagnosticTable.TuningUnfinished.Text(job.Options.TuningBudget.TotalSeconds, string.Join(", ", left)));

    private static IEnumerable<Precision> Precisions(CompilationJob job)
    {
        yield return Precision.Float32;
        // These take a second where the ranges of samples may take all of the budget.
        yield return Precision.Int8Dynamic;
        if (job.Options.Objective == Objective.Size || job.Options.MaxBytes is not null) yield return Precision.Float16;
        if (job.Samples is not null) yield return Precision.Int8;
        yield return Precision.Int4;
    }

    /// <summary>The model in a precision; null where that has nothing to work on, cannot hold the budget, or was stopped because it took too long.</summary>
    private static CompiledModel? Try(CompilationJob job, Precision precision, List<Precision> left, CancellationToken limit)
    {
        job.Progress?.Report($"trying {precision}");
        CompilationJob trial = job with
        {
            Passes = new PassContext(job.Model.Clone(), job.Options.Target),
            Cancellation = limit,
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
        catch (OperationCanceledException) when (!job.Cancellation.IsCancellationRequested)
        {
            job.Progress?.Report($"{precision}: stopped, the tuning budget is used up");
            left.Add(precision);
            return null;
        }
    }

    private static int Best(CompilationJob job, List<CompiledModel> candidates)
    {
        AutoContender[] figures = [.. Ratios(job, candidates).Zip(candidates, (ratio, candidate) => new AutoContender(ratio, BytesOf(candidate.Model), candidate.Evaluation?.Accuracy?.Compiled))];
        for (int i = 0; i < figures.Length; i++)
            job.Progress?.Report(string.Create(CultureInfo.InvariantCulture, $"{candidates[i].Plan.Precision}: {figures[i].Ratio:F2} of float32's time, {figures[i].Bytes} bytes"));
        (int best, bool keepsBudgets) = new AutoChoice(job.Options).Of(figures);
        if (!keepsBudgets) job.Progress?.Report("none keeps the budgets of size, time and accuracy");
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
