using System.Globalization;
using ModelCompiler.Diagnostics;
using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes;
using ModelCompiler.Optimizer.Passes.Quantization;
using ModelCompiler.Optimizer.Quantization.Dense;
using ModelCompiler.Optimizer.Quantization.Rounding;
using ModelCompiler.Optimizer.Sessions;

namespace ModelCompiler.Optimizer.Compilation.Precisions;

/// <summary>
/// Weights of matrix products and embeddings in 4 bits. Where a budget asks for it, the layers that do most damage take 8 bits, and if that is not enough
/// these stay in float and all others take 8.
/// </summary>
internal sealed class WeightOnlyInt4 : IPrecisionMethod
{
    /// <summary>The word in plans for a layer in 8 bits.</summary>
    private const string EightBits = "8-bit";

    private const string RoundingChoice = "rounding", LeastSquares = "LeastSquares";

    public PassPipeline Preparation => PassPipeline.Float;

    public CompiledModel Compile(CompilationJob job)
    {
        List<string> layers = [.. WeightOnlyQuantization.Layers(job.Model.Graph), .. EmbeddingQuantization.Layers(job.Model.Graph)];
        (CompiledModel first, IReadOnlyDictionary<string, InputGram>? grams) = First(job);
        IReadOnlyList<string>? ranking = null;
        IReadOnlyList<string> Rank() => ranking ??= DamageRanking.Of(job, layers, InEight);
        var inEight = new FallbackSearch(job, InEight);
        if (inEight.TryHold(first, Rank) is { } held) return held;
        if (job.Options.Plan is not null) return inEight.Hold(first, Rank)!;
        Dictionary<string, string> allInEight = layers.ToDictionary(name => name, _ => EightBits);
        var inFloat = new FallbackSearch(job, names => Build(job, layers.ToDictionary(name => name, name => names.Contains(name) ? CompilationPlan.Float : EightBits), grams));
        CompiledModel exact = Build(job, allInEight, grams);
        // What none mends is told by the agreement of the report.
        return inFloat.Hold(exact, Rank) ?? exact with { Evaluation = job.Evaluate(exact) };

        CompiledModel InEight(IReadOnlySet<string> names) => Build(job, names.ToDictionary(name => name, _ => EightBits), grams);
    }

    /// <summary>Everything in 4 bits, or what the plan says, and what its weights were rounded by: whichever agrees better, least squares or the nearest.</summary>
    private static (CompiledModel First, IReadOnlyDictionary<string, InputGram>? Grams) First(CompilationJob job)
    {
        IReadOnlyDictionary<string, string> layers = job.Options.Plan?.Layers ?? new Dictionary<string, string>();
        bool isPlanned = job.Options.Plan is { } plan && plan.Choices.GetValueOrDefault(RoundingChoice) == LeastSquares;
        if (job.AnySamples is not { IsMadeUp: false } samples)
            return isPlanned ? throw DiagnosticTable.CalibrationMissing.Error() : (Build(job, layers, null), null);
        if (job.Options.Plan is not null && !isPlanned) return (Build(job, layers, null), null);
        job.Progress?.Report($"looking at what meets the weights on {samples.Count} samples");
        IEnumerable<Node> products = DenseProduct.AllIn(job.Model.Graph).Select(product => product.Product);
        Dictionary<string, InputGram> grams = GramCalibration.Measure(job.Model, products, job.Inputs(samples, samples.Count), job.Cancellation);
        CompiledModel rounded = Build(job, layers, grams);
        if (isPlanned) return (rounded, grams);
        CompiledModel nearest = Build(job, layers, null);
        bool isBetter = Sqnr(job, rounded) > Sqnr(job, nearest);
        (isBetter ? nearest : rounded).Image.Dispose();
        return isBetter ? (rounded, grams) : (nearest, null);
    }

    private static double Sqnr(CompilationJob job, CompiledModel candidate)
    {
        double sqnr = job.Evaluator!.CompareOnFew(candidate.Image, job.Cancellation).Sqnr;
        job.Progress?.Report(string.Create(CultureInfo.InvariantCulture, $"{candidate.Plan}: {sqnr:F1} dB"));
        return sqnr;
    }

    private static CompiledModel Build(CompilationJob job, IReadOnlyDictionary<string, string> layers, IReadOnlyDictionary<string, InputGram>? grams)
    {
        Model model = job.Model.Clone();
        var context = new PassContext(model, job.Options.Target);
        var bits = new WeightBits(4, layers.ToDictionary(layer => layer.Key, layer => layer.Value == CompilationPlan.Float ? 0 : 8));
        PassPipeline.Weights(new WeightOnlyQuantization(bits, grams), new EmbeddingQuantization(bits)).Run(context, job.Cancellation);
        job.StoreAsGiven(model);
        var choices = new Dictionary<string, string>();
        if (grams is not null) choices.Add(RoundingChoice, LeastSquares);
        var plan = new CompilationPlan { Precision = Precision.Int4, Choices = choices, Layers = layers };
        return new CompiledModel(model, ModelImage.Of(model), context.Events, null) { Plan = plan };
    }
}
