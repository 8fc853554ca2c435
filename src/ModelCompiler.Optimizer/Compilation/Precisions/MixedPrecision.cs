using System.Globalization;
using ModelCompiler.Diagnostics;
using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Measurement;
using ModelCompiler.Optimizer.Passes;
using ModelCompiler.Runtime;

namespace ModelCompiler.Optimizer.Compilation.Precisions;

/// <summary>
/// Int8, static where there are calibration samples and something that gains by them, and dynamic where not, with the layers in float that a budget needs even where none was given:
/// <see cref="AccuracyBudget.Default"/>. An item that names <c>MaxAccuracyDrop</c> gets the same from the other precisions.
/// </summary>
internal sealed class MixedPrecision : IPrecisionMethod
{
    private static readonly StaticInt8 Static = new();
    private static readonly DynamicInt8 Dynamic = new();
    private static readonly SourcePrecision Source = new();

    private static readonly LatencyBudget Budget = LatencyBudget.Within(TimeSpan.FromSeconds(0.5));

    public PassPipeline Preparation => PassPipeline.Empty;

    public bool NarrowsDouble => false;

    public CompiledModel Compile(CompilationJob job)
    {
        bool isDefault = job.Options.MaxAccuracyDrop is null && job.AnySamples is { IsMadeUp: false };
        if (!isDefault) return Integers(job);
        var budget = AccuracyBudget.Default(job);
        CompilationJob trial = job with { Passes = new PassContext(job.Model.Clone(), job.Options.Target), DefaultBudget = budget };
        try
        {
            CompiledModel compiled = Integers(trial);
            return compiled with { Preparation = [.. trial.Passes.Events, .. compiled.Preparation] };
        }
        catch (CompilerException e) when (e.Code == DiagnosticTable.AccuracyBudgetMissed.Id)
        {
            // Nobody asked for this budget: the mixture that holds it is that of no integers at all.
            Source.Preparation.Run(job.Passes, job.Cancellation);
            string text = DiagnosticTable.MixedInFloat.Text(budget.Points.ToString(CultureInfo.InvariantCulture));
            return Source.Compile(job) with { Warnings = [(DiagnosticTable.MixedInFloat.Id, text)] };
        }
    }

    /// <summary>Static ranges where they leave something on integers, and ranges of each run where they do not, as far as these are faster.</summary>
    private static CompiledModel Integers(CompilationJob job)
    {
        if (job.Samples is null)
        {
            job.Prepare(Dynamic);
            return Dynamic.Compile(job);
        }
        CompilationJob other = job with { Passes = new PassContext(job.Model.Clone(), job.Options.Target) };
        CompiledModel? inFloat = null;
        CompilerException? missed = null;
        try
        {
            job.Prepare(Static);
            CompiledModel compiled = Static.Compile(job);
            if (!compiled.Plan.StaysInFloat || Quantized(compiled)) return compiled;
            inFloat = compiled;
        }
        catch (CompilerException e) when (e.Code == DiagnosticTable.AccuracyBudgetMissed.Id)
        {
            missed = e;
        }
        // Products in branches, as decoders with and without a cache have them, are for dynamic ranges only: there is nothing to compare with.
        bool isOnlyWay = inFloat is not null && StaticInt8.FoundNothing(inFloat);
        if (WithDynamicRanges(other, isOnlyWay) is { } dynamic && (isOnlyWay || IsFaster(job, dynamic, inFloat)))
        {
            inFloat?.Image.Dispose();
            return dynamic;
        }
        return inFloat ?? throw missed!;
    }

    /// <summary>What came quantized is not to be quantized again.</summary>
    private static bool Quantized(CompiledModel compiled) => compiled.Warnings.Any(warning => warning.Code == DiagnosticTable.QuantizedAlready.Id);

    /// <summary>The model with ranges of each run; null where that changes nothing or does not hold the budget.</summary>
    private static CompiledModel? WithDynamicRanges(CompilationJob job, bool isOnlyWay)
    {
        try
        {
            if (!isOnlyWay) job.Progress?.Report("trying ranges of each run");
            job.Prepare(Dynamic);
            CompiledModel compiled = Dynamic.Compile(job);
            if (isOnlyWay || compiled.Events.Any(e => e.Kind == PassEventKind.Applied)) return compiled with { Preparation = job.Passes.Events };
            compiled.Image.Dispose();
            return null;
        }
        catch (CompilerException e) when (!isOnlyWay && e.Code == DiagnosticTable.AccuracyBudgetMissed.Id)
        {
            return null;
        }
    }

    /// <summary>Whether a model gains over floating point what static ranges would have had to.</summary>
    private static bool IsFaster(CompilationJob job, CompiledModel compiled, CompiledModel? inFloat)
    {
        if (!job.Options.MeasureLatency || !job.Options.Target.RunsHere) return true;
        IReadOnlyList<(string, TensorBuffer)> inputs = job.Inputs(job.Samples!, 1).First();
        using InferenceSession reference = inFloat is null ? job.Given.Open() : inFloat.Image.Open(), session = compiled.Image.Open();
        double ratio = LatencyComparison.Measure([(reference, inputs), (session, inputs)], Budget, isSingleThreaded: true, job.Cancellation).Figures[1].Ratio;
        job.Progress?.Report(string.Create(CultureInfo.InvariantCulture, $"ranges of each run: {ratio:F2} of the time in float32"));
        if (ratio <= PlacedCandidate.LargestWorthwhileRatio) return true;
        compiled.Image.Dispose();
        return false;
    }
}
