using System.Globalization;

namespace ModelCompiler.Benchmarks;

/// <summary>
/// One model's figures against the goals: time at most 0.9 of the peer's best (no more than float32's where nothing of the peer's is faster);
/// accuracy not below that of the peer's best and at most 0.1 points below float32's; half of the peer's CPU seconds and a third of its memory, all its
/// settings together, as one has to try them all.
/// </summary>
internal sealed class PeerVerdict(string model, IReadOnlyList<ContestantFigures> figures, string ours)
{
    private const double TimeGoal = 0.9, CpuGoal = 0.5, MemoryGoal = 1 / 3.0, PointsGoal = 0.1;

    private readonly ContestantFigures _float = figures[0];
    private readonly ContestantFigures _ours = figures.First(figure => figure.Contestant.Name == ours);
    private readonly ContestantFigures[] _peers = [.. figures.Where(figure => figure.Contestant.Name.StartsWith("peer ", StringComparison.Ordinal))];

    public static string Header => $"{"model",-18} {"ours",-12} {"peer's best",-22} {"b1 t1",7} {"b1 t2",7} {"b32 t1",7} {"b32 t2",7} {"points",7} {"float32",7} {"CPU",6} {"memory",6}  missed";

    /// <summary>A line: time, CPU seconds and memory over the peer's, accuracy less the peer's and float32's, and which goals are missed.</summary>
    public override string ToString()
    {
        if (_peers.Length == 0) return $"{model,-18} no setting of the peer's takes this model";
        ContestantFigures best = _peers.MinBy(peer => peer.Times[0])!;
        double[] times = [.. _ours.Times.Select((time, i) => time / Math.Min(1, _peers.Min(peer => double.IsNaN(peer.Times[i]) ? 1 : peer.Times[i])))];
        double? points = _ours.AccuracyPercent - best.AccuracyPercent, lost = _ours.AccuracyPercent - _float.AccuracyPercent;
        double cpu = _ours.Contestant.Cost!.CpuSeconds / _peers.Sum(peer => peer.Contestant.Cost!.CpuSeconds);
        double memory = _ours.Contestant.Cost.PeakMiB / _peers.Max(peer => peer.Contestant.Cost!.PeakMiB);
        double goal = best.Times[0] < 1 ? TimeGoal : 1;
        string[] missed = [
            .. times[0] > goal ? ["time"] : Array.Empty<string>(),
            .. points < -PointsGoal || lost < -PointsGoal ? ["accuracy"] : Array.Empty<string>(),
            .. cpu > CpuGoal ? ["CPU"] : Array.Empty<string>(),
            .. memory > MemoryGoal ? ["memory"] : Array.Empty<string>()];
        string ratios = string.Join(' ', times.Select(time => time.ToString("F2", CultureInfo.InvariantCulture).PadLeft(7)));
        return string.Create(CultureInfo.InvariantCulture,
            $"{model,-18} {ours,-12} {best.Contestant.Name,-22} {ratios} {points,7:F2} {lost,7:F2} {cpu,6:F2} {memory,6:F2}  {(missed.Length == 0 ? "none" : string.Join(", ", missed))}");
    }
}
