using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes;
using ModelCompiler.Optimizer.Passes.Quantization;
using ModelCompiler.Optimizer.Quantization.Dense;
using ModelCompiler.Optimizer.Sessions;

namespace ModelCompiler.Optimizer.Compilation.Precisions;

/// <summary>
/// Weights of matrix products and embeddings in 4 bits. Where a budget asks for it, the noisiest layers take 8 bits, and if that is not enough
/// the noisiest stay in float and all others take 8.
/// </summary>
internal sealed class WeightOnlyInt4 : IPrecisionMethod
{
    /// <summary>The word in plans for a layer in 8 bits.</summary>
    private const string EightBits = "8-bit";

    public PassPipeline Preparation => PassPipeline.Float;

    public CompiledModel Compile(CompilationJob job)
    {
        List<QuantizedLayer> layers = [.. WeightOnlyQuantization.Layers(job.Model.Graph), .. EmbeddingQuantization.Layers(job.Model.Graph)];
        CompiledModel first = Build(job, job.Options.Plan?.Layers ?? new Dictionary<string, string>());
        IReadOnlyList<string>? ranking = null;
        IReadOnlyList<string> Rank() => ranking ??= QuantizedLayer.Rank(job, first.Model, layers);
        var inEight = new FallbackSearch(job, names => Build(job, names.ToDictionary(name => name, _ => EightBits)));
        if (inEight.TryHold(first, Rank) is { } held) return held;
        if (job.Options.Plan is not null) return inEight.Hold(first, Rank)!;
        Dictionary<string, string> allInEight = layers.ToDictionary(layer => layer.Name, _ => EightBits);
        var inFloat = new FallbackSearch(job, names => Build(job, layers.ToDictionary(l => l.Name, l => names.Contains(l.Name) ? CompilationPlan.Float : EightBits)));
        CompiledModel exact = Build(job, allInEight);
        // What none mends is told by the agreement of the report.
        return inFloat.Hold(exact, Rank) ?? exact with { Evaluation = job.Evaluate(exact) };
    }

    private static CompiledModel Build(CompilationJob job, IReadOnlyDictionary<string, string> layers)
    {
        Model model = job.Model.Clone();
        var context = new PassContext(model, job.Options.Target);
        var bits = new WeightBits(4, layers.ToDictionary(layer => layer.Key, layer => layer.Value == CompilationPlan.Float ? 0 : 8));
        PassPipeline.Weights(new WeightOnlyQuantization(bits), new EmbeddingQuantization(bits)).Run(context, job.Cancellation);
        var plan = new CompilationPlan { Precision = Precision.Int4, Layers = layers };
        return new CompiledModel(model, ModelImage.Of(model), context.Events, null) { Plan = plan };
    }
}
