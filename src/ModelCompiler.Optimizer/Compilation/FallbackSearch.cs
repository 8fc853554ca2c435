using System.Globalization;
using ModelCompiler.Diagnostics;
using ModelCompiler.Onnx;

namespace ModelCompiler.Optimizer.Compilation;

/// <summary>
/// Holds <see cref="CompileOptions.MaxAccuracyDrop"/>: bisects the list of layers, the noisiest first, for the shortest head that must stay in
/// the source's precision. It assumes that more layers in float lose less, which costs log₂ n measurements instead of n.
/// </summary>
/// <param name="job">The compilation.</param>
/// <param name="build">Compiles with these layers in float.</param>
internal sealed class FallbackSearch(CompilationJob job, Func<IReadOnlySet<string>, CompiledModel> build)
{
    private CompiledModel? _closest;
    private string _noisiest = "-";

    /// <summary>The candidate itself where it holds the budget, else the one with the fewest layers in float that does.</summary>
    /// <param name="first">Everything quantized.</param>
    /// <param name="rank">The layers, the noisiest first; asked only where it is needed.</param>
    /// <exception cref="CompilerException">None holds the budget (OM4001).</exception>
    public CompiledModel Hold(CompiledModel first, Func<IReadOnlyList<string>> rank) => TryHold(first, rank) ?? throw DiagnosticTable.AccuracyBudgetMissed.Error(
        Text(job.Options.MaxAccuracyDrop!.Value), Text(_closest!.Evaluation!.Drop ?? 0), _closest.Plan, _noisiest);

    /// <summary>The same; null where none holds the budget.</summary>
    public CompiledModel? TryHold(CompiledModel first, Func<IReadOnlyList<string>> rank)
    {
        CompiledModel measured = first with { Evaluation = job.Evaluate(first) };
        if (job.Holds(measured.Evaluation)) return measured;
        _closest = measured;
        // A plan says which layers are more exact: one that no longer holds the budget is for the user to renew.
        if (job.Options.Plan is not null) return null;
        Report($"{measured.Evaluation!.Drop:F2} points lost: looking for the layers that must stay more exact");
        measured.Image.Dispose();
        return Bisect(measured, rank());
    }

    private CompiledModel? Bisect(CompiledModel first, IReadOnlyList<string> ranking)
    {
        CompiledModel? held = null;
        _noisiest = ranking.Count > 0 ? ranking[0] : "-";
        int low = 1, high = ranking.Count - 1;
        while (low <= high)
        {
            int middle = (low + high) / 2;
            CompiledModel candidate = build(ranking.Take(middle).ToHashSet(StringComparer.Ordinal));
            candidate = candidate with { Evaluation = job.Evaluate(candidate) };
            Report($"{middle} of {ranking.Count} layers more exact: {candidate.Evaluation?.Drop:F2} points lost");
            if (candidate.Evaluation!.Drop < _closest!.Evaluation!.Drop) _closest = candidate;
            if (job.Holds(candidate.Evaluation))
            {
                held?.Image.Dispose();
                held = candidate;
                high = middle - 1;
            }
            else
            {
                candidate.Image.Dispose();
                low = middle + 1;
            }
        }
        return held;
    }

    private void Report(FormattableString text) => job.Progress?.Report(text.ToString(CultureInfo.InvariantCulture));

    private static string Text(double points) => points.ToString("0.###", CultureInfo.InvariantCulture);
}
