using System.Globalization;
using ModelCompiler.Diagnostics;
using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes;
using ModelCompiler.Optimizer.Passes.Quantization;
using ModelCompiler.Optimizer.Sessions;

namespace ModelCompiler.Optimizer.Compilation.Precisions;

/// <summary>
/// Matrix products and LSTMs in 8 bits, ranges measured at each run, and embeddings in 8 bits: no calibration. Convolutions stay in float, for
/// which the provider has no kernel of this kind that is fast.
/// </summary>
internal sealed class DynamicInt8 : IPrecisionMethod
{
    /// <summary>Operator set that DynamicQuantizeLinear needs.</summary>
    private const long QuantizationOpset = 13;

    public PassPipeline Preparation => PassPipeline.Float;

    public CompiledModel Compile(CompilationJob job)
    {
        Model given = job.Model.Opset < QuantizationOpset ? job.Model.Clone() : job.Model;
        job.RaiseOpset(QuantizationOpset, Preparation);
        CompilationPlan? plan = job.Options.Plan;
        if (plan is { StaysInFloat: true }) return FloatSelf(job, given, [(DiagnosticTable.PlannedInFloat.Id, DiagnosticTable.PlannedInFloat.Text())]);
        IReadOnlySet<string> slow = plan?.LayersWith(CompilationPlan.FloatForSpeed) ?? new HashSet<string>();
        CompiledModel Build(IReadOnlySet<string> inFloat) => DynamicInt8.Build(job, inFloat, slow);
        CompiledModel first = Build(plan?.LayersWith(CompilationPlan.Float) ?? new HashSet<string>());
        List<string> layers =
            [.. DynamicQuantization.Layers(job.Model.Graph), .. UncalibratedLayers.Of(job.Model.Graph, job.Options.Target)];
        bool isTimed = plan is null && layers.Count > 0 && !ModelImage.IsLarge(given) && job.Options.MeasureLatency && job.Options.Target.RunsHere;
        using DynamicPlacement? placement = isTimed && job.AnySamples is { } samples ? new DynamicPlacement(job, StoredAsGiven(job, given), samples) : null;
        if (placement is not null)
        {
            if (placement.Slow(first, Build) is not { } found) return NotFaster(first);
            if (found.Count > 0)
            {
                first.Image.Dispose();
                slow = found;
                first = Build(new HashSet<string>());
            }
        }
        // What none mends is told by the agreement of the report.
        CompiledModel held = new FallbackSearch(job, Build).Hold(first, () => DamageRanking.Of(job, [.. layers.Except(slow)], Build)) ?? first with { Evaluation = job.Evaluate(first) };
        bool isOther = held.Plan.LayersWith(CompilationPlan.Float).Count > 0;
        return placement is not null && isOther && placement.IsSlower(held) ? NotFaster(held) : held;

        CompiledModel NotFaster(CompiledModel slower)
        {
            slower.Image.Dispose();
            string ratio = placement!.LowestRatio.ToString("F2", CultureInfo.InvariantCulture);
            return FloatSelf(job, given, [(DiagnosticTable.IntegersNotFaster.Id, DiagnosticTable.IntegersNotFaster.Text(ratio, "whole, it must not be slower, and in part a gain of 3 % is asked for"))]);
        }
    }

    /// <summary>The model in floating point, as <see cref="Precision.Float32"/> makes it.</summary>
    private static CompiledModel FloatSelf(CompilationJob job, Model given, IReadOnlyList<(string, string)> warnings)
    {
        Model model = StoredAsGiven(job, given);
        var plan = new CompilationPlan { Precision = Precision.Int8Dynamic, Choices = new Dictionary<string, string> { [CompilationPlan.ComputesWith] = CompilationPlan.Float } };
        var compiled = new CompiledModel(model, ModelImage.Of(model), [], null) { Plan = plan, Warnings = warnings };
        return compiled with { Evaluation = job.Evaluate(compiled) };
    }

    private static Model StoredAsGiven(CompilationJob job, Model given)
    {
        Model model = given.Clone();
        job.StoreAsGiven(model);
        return model;
    }

    private static CompiledModel Build(CompilationJob job, IReadOnlySet<string> kept, IReadOnlySet<string> slow)
    {
        HashSet<string> inFloat = [.. kept, .. slow];
        Model model = job.Model.Clone();
        var context = new PassContext(model, job.Options.Target);
        PassPipeline.Weights([new DynamicQuantization(inFloat), .. UncalibratedLayers.Passes(context.Target, inFloat)]).Run(context, job.Cancellation);
        job.StoreAsGiven(model);
        var plan = new CompilationPlan { Precision = Precision.Int8Dynamic, Layers = inFloat.ToDictionary(name => name, name => kept.Contains(name) ? CompilationPlan.Float : CompilationPlan.FloatForSpeed) };
        return new CompiledModel(model, ModelImage.Of(model), context.Events, null) { Plan = plan };
    }
}
