using System.Globalization;
using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Calibration;
using ModelCompiler.Optimizer.Data;
using ModelCompiler.Optimizer.Quantization;

namespace ModelCompiler.Optimizer.Compilation;

/// <summary>
/// Finds the recipe of static int8 that keeps the answers: the range method whose outputs agree best, and, where a budget asks for it, the
/// fewest products in floating point that hold it.
/// </summary>
internal sealed class Int8Search(CompilationJob job, Int8Builder builder, ModelEvaluator evaluator)
{
    /// <summary>Samples that ranges and layers are compared on; the chosen recipe is measured on all of them.</summary>
    private const int ComparedSamples = 64;

    private static readonly RangeMethod[] Methods = [RangeMethod.MinMax, RangeMethod.MeanSquaredError, RangeMethod.Percentile];

    private SampleSet Samples => job.Samples!;

    /// <summary>The best candidate and what it reaches; the recorded one where there is a plan.</summary>
    /// <exception cref="CompilerException">No recipe holds the budget (OM4001).</exception>
    public CompiledModel Run()
    {
        Int8Candidate best = job.Options.Plan is { } plan ? builder.Build(Int8Recipe.Of(plan)) : BestRanges();
        var fallback = new FallbackSearch(job, inFloat => Compiled(builder.Build(best.Recipe with { KeptInFloat = inFloat })));
        return fallback.Hold(Compiled(best), () => NoiseRanking.Rank(job.Model, best.Model, builder.Products, Samples.Inputs(16, job.Cancellation), job.Cancellation));
    }

    private static CompiledModel Compiled(Int8Candidate candidate) =>
        new(candidate.Model, candidate.Bytes, candidate.Events, null) { Plan = candidate.Recipe.ToPlan() };

    private Int8Candidate BestRanges()
    {
        Int8Candidate? best = null;
        double highest = double.NegativeInfinity;
        foreach (RangeMethod method in Methods)
        {
            job.Cancellation.ThrowIfCancellationRequested();
            Int8Candidate candidate = builder.Build(Int8Recipe.Of(method));
            double sqnr = evaluator.Compare(candidate.Bytes, ComparedSamples, job.Cancellation).Sqnr;
            job.Progress?.Report(string.Create(CultureInfo.InvariantCulture, $"{candidate.Recipe}: {sqnr:F1} dB"));
            // A tenth of a decibel is within what another CPU's kernels may differ by: the simpler method wins there, on every machine.
            if (sqnr <= highest + 0.1) continue;
            (best, highest) = (candidate, sqnr);
        }
        return best!;
    }
}
