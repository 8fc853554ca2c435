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
        job.RaiseOpset(QuantizationOpset, Preparation);
        CompiledModel Build(IReadOnlySet<string> inFloat) => DynamicInt8.Build(job, inFloat);
        CompiledModel first = Build(job.Options.Plan?.LayersWith(CompilationPlan.Float) ?? new HashSet<string>());
        List<string> layers =
            [.. DynamicQuantization.Layers(job.Model.Graph), .. UncalibratedLayers.Of(job.Model.Graph, job.Options.Target)];
        // What none mends is told by the agreement of the report.
        return new FallbackSearch(job, Build).Hold(first, () => DamageRanking.Of(job, layers, Build)) ?? first with { Evaluation = job.Evaluate(first) };
    }

    private static CompiledModel Build(CompilationJob job, IReadOnlySet<string> inFloat)
    {
        Model model = job.Model.Clone();
        var context = new PassContext(model, job.Options.Target);
        PassPipeline.Weights([new DynamicQuantization(inFloat), .. UncalibratedLayers.Passes(context.Target, inFloat)]).Run(context, job.Cancellation);
        job.StoreAsGiven(model);
        var plan = new CompilationPlan { Precision = Precision.Int8Dynamic, Layers = inFloat.ToDictionary(name => name, _ => CompilationPlan.Float) };
        return new CompiledModel(model, ModelImage.Of(model), context.Events, null) { Plan = plan };
    }
}
