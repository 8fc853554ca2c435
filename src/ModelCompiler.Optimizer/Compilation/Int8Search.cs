using System.Globalization;
using ModelCompiler.Diagnostics;
using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Calibration;
using ModelCompiler.Optimizer.Data;
using ModelCompiler.Optimizer.Quantization;
using ModelCompiler.Runtime;

namespace ModelCompiler.Optimizer.Compilation;

/// <summary>
/// Finds the recipe of static int8 that keeps the answers: the range method whose outputs agree best, and, where a budget asks for it, the
/// fewest products in floating point that hold it.
/// </summary>
internal sealed class Int8Search(
    Model model, CompileOptions options, SampleSet samples, Int8Builder builder, ModelEvaluator evaluator, IProgress<string>? progress, CancellationToken cancellationToken)
{
    /// <summary>Samples that ranges and layers are compared on; the chosen recipe is measured on all of them.</summary>
    private const int ComparedSamples = 64;

    /// <summary>From here on there is nothing to mend.</summary>
    private const double GoodDb = 30;

    private const double NoticeableGainDb = 3;

    /// <summary>Without a budget an output with more noise than a fifth of its energy is not the same model any more: a spectrum, a detector's boxes.</summary>
    private const double LeastDb = 7;

    /// <summary>What is aimed for where an output has to be mended.</summary>
    private const double MendedDb = 25;

    /// <summary>The methods worth trying, the simplest first.</summary>
    public static IReadOnlyList<RangeMethod> RangeMethods { get; } = [RangeMethod.MinMax, RangeMethod.MeanSquaredError, RangeMethod.Percentile];

    /// <summary>The best candidate and what it reaches; null where without a budget none keeps the answers at all.</summary>
    /// <exception cref="CompilerException">No recipe holds the budget (OM4001).</exception>
    public (Int8Candidate Candidate, Evaluation Evaluation)? Run(Int8Candidate ranged)
    {
        Int8Candidate best = WithTails(ranged);
        Evaluation evaluation = evaluator.Evaluate(best.Bytes, cancellationToken);
        if (Holds(evaluation)) return (best, evaluation);
        return Fallback(best, evaluation);
    }

    /// <summary>Keeps the products before the outputs in floating point where the outputs gain much by it: they are few, and what decodes them is in float anyway.</summary>
    private Int8Candidate WithTails(Int8Candidate best)
    {
        IReadOnlySet<string> tails = TailProducts.Of(model.Graph, builder.Products);
        if (tails.Count == 0 || tails.Count > builder.Products.Count / 2) return best;
        Int8Candidate kept = builder.Build(best.Recipe with { KeptInFloat = tails });
        Evaluation before = evaluator.Compare(best.Bytes, ComparedSamples, cancellationToken), after = evaluator.Compare(kept.Bytes, ComparedSamples, cancellationToken);
        progress?.Report(string.Create(CultureInfo.InvariantCulture, $"{kept.Recipe}: {after.Sqnr:F1} dB"));
        return before.WorstSqnr < GoodDb && after.Sqnr > before.Sqnr + NoticeableGainDb ? kept : best;
    }

    /// <summary>The range method whose outputs agree best, and their signal-to-noise ratio in decibels.</summary>
    public (Int8Candidate Candidate, double Sqnr) BestRanges(IReadOnlyList<RangeMethod> methods)
    {
        Int8Candidate? best = null;
        double highest = double.NegativeInfinity;
        foreach (RangeMethod method in methods)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Int8Candidate candidate = builder.Build(Int8Recipe.Of(method));
            double sqnr = evaluator.Compare(candidate.Bytes, ComparedSamples, cancellationToken).Sqnr;
            progress?.Report(string.Create(CultureInfo.InvariantCulture, $"{candidate.Recipe}: {sqnr:F1} dB"));
            // A tenth of a decibel is within what another CPU's kernels may differ by: the simpler method wins there, on every machine.
            if (sqnr <= highest + 0.1) continue;
            (best, highest) = (candidate, sqnr);
        }
        return (best!, highest);
    }

    /// <summary>Bisects the list of products, the noisiest first, for the shortest head that must stay in floating point.</summary>
    private (Int8Candidate, Evaluation)? Fallback(Int8Candidate best, Evaluation bestEvaluation)
    {
        progress?.Report($"{Loss(bestEvaluation)}: looking for the products that must stay in float");
        IReadOnlyList<string> ranking = NoiseRanking.Rank(model, best.Model, builder.Products, samples.Inputs(16, cancellationToken), cancellationToken);
        (Int8Candidate Candidate, Evaluation Evaluation)? held = null;
        (Int8Candidate Candidate, Evaluation Evaluation) closest = (best, bestEvaluation);
        int low = 1, high = ranking.Count - 1;
        while (low <= high)
        {
            int middle = (low + high) / 2;
            Int8Candidate candidate = builder.Build(best.Recipe with { KeptInFloat = best.Recipe.KeptInFloat.Concat(ranking.Take(middle)).ToHashSet() });
            Evaluation evaluation = evaluator.Evaluate(candidate.Bytes, cancellationToken);
            progress?.Report($"{middle} of {ranking.Count} products in float: {Loss(evaluation)}");
            if (IsCloser(evaluation, closest.Evaluation)) closest = (candidate, evaluation);
            if (IsMended(evaluation))
            {
                held = (candidate, evaluation);
                high = middle - 1;
            }
            else
            {
                low = middle + 1;
            }
        }
        if (held is not null) return held;
        if (options.MaxAccuracyDrop is not null) throw Missed(closest, ranking);
        return Holds(closest.Evaluation) ? closest : null;
    }

    /// <summary>Whether the budget of the options holds; where they have none, whether the outputs are still those of the model.</summary>
    public bool Holds(Evaluation evaluation) => options.MaxAccuracyDrop is { } budget
        ? evaluation.Drop is not { } drop || drop <= budget + 1e-9
        : evaluation.WorstSqnr >= LeastDb;

    private bool IsMended(Evaluation evaluation) => options.MaxAccuracyDrop is null ? evaluation.WorstSqnr >= MendedDb : Holds(evaluation);

    private bool IsCloser(Evaluation evaluation, Evaluation closest) =>
        options.MaxAccuracyDrop is null ? evaluation.WorstSqnr > closest.WorstSqnr : evaluation.Drop < closest.Drop;

    private string Loss(Evaluation evaluation) => options.MaxAccuracyDrop is not null && evaluation.Drop is { } drop
        ? $"{Text(drop)} points lost"
        : $"the outputs are {evaluation.WorstSqnr.ToString("F1", CultureInfo.InvariantCulture)} dB above the noise";

    private CompilerException Missed((Int8Candidate Candidate, Evaluation Evaluation) closest, IReadOnlyList<string> ranking) =>
        DiagnosticTable.AccuracyBudgetMissed.Error(
            Text(options.MaxAccuracyDrop!.Value), Text(closest.Evaluation.Drop ?? 0), closest.Candidate.Recipe, ranking.Count > 0 ? ranking[0] : "-");

    private static string Text(double points) => points.ToString("0.###", CultureInfo.InvariantCulture);
}
