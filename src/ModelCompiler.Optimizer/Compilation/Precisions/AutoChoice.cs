namespace ModelCompiler.Optimizer.Compilation.Precisions;

/// <summary>One of the models to choose from.</summary>
/// <param name="Ratio">Its time over that of the first, which is in float32.</param>
/// <param name="Bytes">What its file takes.</param>
/// <param name="Accuracy">In percent; null without labels.</param>
internal readonly record struct AutoContender(double Ratio, long Bytes, double? Accuracy = null);

/// <summary>Which of the models that hold the accuracy is best for an objective, and keeps the budgets of size, time and accuracy.</summary>
/// <param name="options">What is asked.</param>
internal sealed class AutoChoice(CompileOptions options)
{
    /// <summary>A gain below this is noise, for which accuracy is not given away.</summary>
    private const double WorthWhile = 0.97;

    /// <summary>A loss of time below this is noise, where size is what counts.</summary>
    private const double SlowerThanNoise = 1.05;

    /// <summary>The place of the best, and whether it keeps the budgets: where none does, it is the best of all.</summary>
    /// <param name="contenders">The models; the first is in float32.</param>
    public (int Best, bool KeepsBudgets) Of(IReadOnlyList<AutoContender> contenders)
    {
        int[] all = [.. Enumerable.Range(0, contenders.Count)], allowed = [.. all.Where(i => Keeps(contenders[i]))];
        bool isAny = allowed.Length > 0;
        return ((isAny ? allowed : all).Aggregate((best, i) => IsBetter(contenders[i], contenders[best]) ? i : best), isAny);
    }

    private bool IsBetter(AutoContender contender, AutoContender best) => options.Objective == Objective.Size
        ? contender.Ratio <= SlowerThanNoise && contender.Bytes < WorthWhile * best.Bytes
        : contender.Ratio < WorthWhile * best.Ratio;

    private bool Keeps(AutoContender contender)
    {
        // Timed with many samples it says nothing of one.
        bool isFast = options.Objective == Objective.Throughput || !(contender.Ratio > options.MaxLatencyRatio);
        // What is taken because it fits is no slower than float32 for that.
        return isFast && !(contender.Accuracy < options.MinAccuracy) && (options.MaxBytes is not { } most || (contender.Bytes <= most && contender.Ratio <= SlowerThanNoise));
    }
}
