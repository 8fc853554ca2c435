using System.Globalization;
using ModelCompiler.Diagnostics;
using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes;

namespace ModelCompiler.Optimizer.Compilation.Precisions;

/// <summary>
/// Int8, static where there are calibration samples and something that can use them, and dynamic where not, with the layers in float that a budget needs even where none was given:
/// <see cref="AccuracyBudget.Default"/>. An item that names <c>MaxAccuracyDrop</c> gets the same from the other precisions.
/// </summary>
internal sealed class MixedPrecision : IPrecisionMethod
{
    private static readonly StaticInt8 Static = new();
    private static readonly DynamicInt8 Dynamic = new();
    private static readonly SourcePrecision Source = new();

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
            return compiled with { Preparation = trial.Passes.Events };
        }
        catch (CompilerException e) when (e.Code == DiagnosticTable.AccuracyBudgetMissed.Id)
        {
            // Nobody asked for this budget: the mixture that holds it is that of no integers at all.
            Source.Preparation.Run(job.Passes, job.Cancellation);
            string text = DiagnosticTable.MixedInFloat.Text(budget.Points.ToString(CultureInfo.InvariantCulture));
            return Source.Compile(job) with { Warnings = [(DiagnosticTable.MixedInFloat.Id, text)] };
        }
    }

    private static CompiledModel Integers(CompilationJob job)
    {
        if (job.Samples is not null)
        {
            job.Prepare(Static);
            CompiledModel compiled = Static.Compile(job);
            // Products in branches, as decoders with and without a cache have them, are for dynamic ranges.
            if (!StaticInt8.FoundNothing(compiled)) return compiled;
            compiled.Image.Dispose();
        }
        job.Prepare(Dynamic);
        return Dynamic.Compile(job);
    }
}
