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

    private static readonly RangeMethod[] Methods = [RangeMethod.MinMax, RangeMethod.MeanSquaredError, RangeMethod.Percentile];

    /// <summary>The best candidate and what it reaches.</summary>
    /// <exception cref="CompilerException">No recipe holds the budget (OM4001).</exception>
    public (Int8Candidate Candidate, Evaluation Evaluation) Run()
    {
        Int8Candidate best = BestRanges();
        Evaluation evaluation = evaluator.Evaluate(best.Bytes, cancellationToken);
        if (Holds(evaluation)) return (best, evaluation);
        return Fallback(best, evaluation);
    }

    private Int8Candidate BestRanges()
    {
        Int8Candidate? best = null;
        double highest = double.NegativeInfinity;
        foreach (RangeMethod method in Methods)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Int8Candidate candidate = builder.Build(Int8Recipe.Of(method));
            double sqnr = evaluator.Compare(candidate.Bytes, ComparedSamples, cancellationToken).Sqnr;
            progress?.Report(string.Create(CultureInfo.InvariantCulture, $"{candidate.Recipe}: {sqnr:F1} dB"));
            // A tenth of a decibel is within what another CPU's kernels may differ by: the simpler method wins there, on every machine.
            if (sqnr <= highest + 0.1) continue;
            (best, highest) = (candidate, sqnr);
        }
        return best!;
    }

    /// <summary>Bisects the list of products, the noisiest first, for the shortest head that must stay in floating point.</summary>
    private (Int8Candidate, Evaluation) Fallback(Int8Candidate best, Evaluation bestEvaluation)
    {
        progress?.Report(string.Create(CultureInfo.InvariantCulture, $"{bestEvaluation.Drop:F2} points lost: looking for the products that must stay in float"));
        IReadOnlyList<string> ranking = NoiseRanking.Rank(model, best.Model, builder.Products, samples.Inputs(16, cancellationToken), cancellationToken);
        (Int8Candidate Candidate, Evaluation Evaluation)? held = null;
        (Int8Candidate Candidate, Evaluation Evaluation) closest = (best, bestEvaluation);
        int low = 1, high = ranking.Count - 1;
        while (low <= high)
        {
            int middle = (low + high) / 2;
            Int8Candidate candidate = builder.Build(best.Recipe with { KeptInFloat = ranking.Take(middle).ToHashSet() });
            Evaluation evaluation = evaluator.Evaluate(candidate.Bytes, cancellationToken);
            progress?.Report(string.Create(CultureInfo.InvariantCulture, $"{middle} of {ranking.Count} products in float: {evaluation.Drop:F2} points lost"));
            if (evaluation.Drop < closest.Evaluation.Drop) closest = (candidate, evaluation);
            if (Holds(evaluation))
            {
                held = (candidate, evaluation);
                high = middle - 1;
            }
            else
            {
                low = middle + 1;
            }
        }
        return held ?? throw Missed(closest, ranking);
    }

    /// <summary>Whether the budget of the options, if there is one, holds.</summary>
    public bool Holds(Evaluation evaluation) => options.MaxAccuracyDrop is not { } budget || evaluation.Drop is not { } drop || drop <= budget + 1e-9;

    private CompilerException Missed((Int8Candidate Candidate, Evaluation Evaluation) closest, IReadOnlyList<string> ranking) =>
        DiagnosticTable.AccuracyBudgetMissed.Error(
            Text(options.MaxAccuracyDrop!.Value), Text(closest.Evaluation.Drop ?? 0), closest.Candidate.Recipe, ranking.Count > 0 ? ranking[0] : "-");

    private static string Text(double points) => points.ToString("0.###", CultureInfo.InvariantCulture);
}
