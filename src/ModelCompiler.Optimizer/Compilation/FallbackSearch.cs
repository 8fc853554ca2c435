using System.Globalization;
using ModelCompiler.Onnx;

namespace ModelCompiler.Optimizer.Compilation;

/// <summary>
/// Holds the job's <see cref="AccuracyBudget"/>: bisects the list of layers, those that do most damage first, for the shortest head that must stay in
/// the source's precision. It assumes that more layers in float lose less, which costs log₂ n measurements instead of n. Without a budget it
/// only sees to it that the outputs are still those of the model, and not of a spectrum or a detector that went to pieces.
/// </summary>
/// <param name="job">The compilation.</param>
/// <param name="build">Compiles with these layers in float.</param>
internal sealed class FallbackSearch(CompilationJob job, Func<IReadOnlySet<string>, CompiledModel> build)
{
    /// <summary>Without a budget: an output with more noise than a fifth of its energy is to be mended,</summary>
    private const double LeastDb = 7;

    /// <summary>to this.</summary>
    private const double MendedDb = 25;

    private CompiledModel? _closest;
    private string? _worst;

    /// <summary>The candidate itself where it holds the budget, else the one with the fewest layers in float that does; null where without a budget none has the outputs of the model.</summary>
    /// <param name="first">Everything quantized.</param>
    /// <param name="rank">The layers, those that do most damage first; asked only where it is needed.</param>
    /// <exception cref="CompilerException">None holds the budget (OM4001).</exception>
    public CompiledModel? Hold(CompiledModel first, Func<IReadOnlyList<string>> rank)
    {
        CompiledModel? held = TryHold(first, rank);
        if (held is not null || job.Budget is not { } budget) return held;
        throw budget.Missed(job, _closest!, _worst);
    }

    /// <summary>The same; null too where none holds the budget.</summary>
    public CompiledModel? TryHold(CompiledModel first, Func<IReadOnlyList<string>> rank)
    {
        CompiledModel measured = first with { Evaluation = job.Evaluate(first) };
        if (Holds(measured)) return measured;
        _closest = measured;
        // A plan says which layers are more exact: one that no longer holds the budget is for the user to renew.
        if (job.Options.Plan is not null) return HasBudget ? null : measured;
        Report($"{Loss(measured)}: looking for the layers that must stay more exact");
        return Bisect(rank());
    }

    private CompiledModel? Bisect(IReadOnlyList<string> ranking)
    {
        CompiledModel? held = null;
        _worst = ranking.Count > 0 ? ranking[0] : null;
        int low = 1, high = ranking.Count - 1;
        while (low <= high)
        {
            int middle = (low + high) / 2;
            CompiledModel candidate = build(ranking.Take(middle).ToHashSet(StringComparer.Ordinal));
            candidate = candidate with { Evaluation = job.Evaluate(candidate) };
            Report($"{middle} of {ranking.Count} layers more exact: {Loss(candidate)}");
            (CompiledModel? heldBefore, CompiledModel closestBefore) = (held, _closest!);
            if (IsCloser(candidate, _closest!)) _closest = candidate;
            if (IsMended(candidate)) (held, high) = (candidate, middle - 1);
            else low = middle + 1;
            foreach (CompiledModel? passed in (CompiledModel?[])[candidate, heldBefore, closestBefore])
                if (!ReferenceEquals(passed, held) && !ReferenceEquals(passed, _closest)) passed?.Image.Dispose();
        }
        if (held is not null || HasBudget) return held;
        return Holds(_closest!) ? _closest : null;
    }

    private bool HasBudget => job.Budget is not null;

    private double? Lost(CompiledModel candidate) => job.Budget?.Loss(candidate.Evaluation!);

    /// <summary>Whether the budget holds; without one, whether the outputs are those of the model.</summary>
    public bool Holds(CompiledModel candidate) => job.Budget is { } budget
        ? budget.Holds(candidate.Evaluation)
        : candidate.Evaluation is not { Agreement.IsMadeUp: false } evaluation || evaluation.WorstSqnr >= LeastDb;

    private bool IsMended(CompiledModel candidate) => HasBudget ? Holds(candidate) : candidate.Evaluation!.WorstSqnr >= MendedDb;

    private bool IsCloser(CompiledModel candidate, CompiledModel closest) =>
        HasBudget ? Lost(candidate) < Lost(closest) : candidate.Evaluation!.WorstSqnr > closest.Evaluation!.WorstSqnr;

    private string Loss(CompiledModel candidate) => HasBudget
        ? string.Create(CultureInfo.InvariantCulture, $"{Lost(candidate):F2} points lost")
        : string.Create(CultureInfo.InvariantCulture, $"{candidate.Evaluation!.WorstSqnr:F1} dB above the noise");

    private void Report(FormattableString text) => job.Progress?.Report(text.ToString(CultureInfo.InvariantCulture));
}
