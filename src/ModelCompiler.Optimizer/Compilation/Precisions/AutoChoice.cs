namespace ModelCompiler.Optimizer.Compilation.Precisions;

/// <summary>Which of the models that hold the accuracy is best for an objective, and keeps the budgets of size and time.</summary>
/// <param name="options">What is asked.</param>
internal sealed class AutoChoice(CompileOptions options)
{
    /// <summary>A gain below this is noise, for which accuracy is not given away.</summary>
    private const double WorthWhile = 0.97;

    /// <summary>A loss of time below this is noise, where size is what counts.</summary>
    private const double SlowerThanNoise = 1.05;

    /// <summary>The place of the best, and whether it keeps the budgets: where none does, it is the best of all.</summary>
    /// <param name="contenders">The time of each over that of the first, which is in float32, and what its file takes.</param>
    public (int Best, bool KeepsBudgets) Of(IReadOnlyList<(double Ratio, long Bytes)> contenders)
    {
        int[] all = [.. Enumerable.Range(0, contenders.Count)], allowed = [.. all.Where(i => Keeps(contenders[i]))];
        bool isAny = allowed.Length > 0;
        return ((isAny ? allowed : all).Aggregate((best, i) => IsBetter(contenders[i], contenders[best]) ? i : best), isAny);
    }

    private bool IsBetter((double Ratio, long Bytes) contender, (double Ratio, long Bytes) best) => options.Objective == Objective.Size
        ? contender.Ratio <= SlowerThanNoise && contender.Bytes < WorthWhile * best.Bytes
        : contender.Ratio < WorthWhile * best.Ratio;

    private bool Keeps((double Ratio, long Bytes) contender)
    {
        // Timed with many samples it says nothing of one.
        bool isFast = options.Objective == Objective.Throughput || !(contender.Ratio > options.MaxLatencyRatio);
        // What is taken because it fits is no slower than float32 for that.
        return isFast && (options.MaxBytes is not { } most || (contender.Bytes <= most && contender.Ratio <= SlowerThanNoise));
    }
}
