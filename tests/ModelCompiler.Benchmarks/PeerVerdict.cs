using System.Globalization;
using ModelCompiler.Optimizer.Compilation;

namespace ModelCompiler.Benchmarks;

/// <summary>
/// One compiled model's figures against the goals: time at most 0.9 of the peer's best (no more than float32's where nothing of the peer's is faster);
/// accuracy not below that of the peer's best and at most 0.1 points below float32's; half of the peer's CPU seconds and a third of its memory, all its
/// settings together, as one has to try them all.
/// </summary>
internal sealed class PeerVerdict
{
    private const double TimeGoal = 0.9, CpuGoal = 0.5, MemoryGoal = 1 / 3.0, PointsGoal = 0.1;

    private readonly string _line;
    private readonly Dictionary<string, bool> _goals = [];

    private PeerVerdict(string model, ContestantFigures ours, ContestantFigures source, IReadOnlyList<ContestantFigures> peers)
    {
        ContestantFigures best = peers.MinBy(peer => peer.Times[0])!;
        double[] times = [.. ours.Times.Select((time, i) => time / Math.Min(1, peers.Min(peer => double.IsNaN(peer.Times[i]) ? 1 : peer.Times[i])))];
        double? points = ours.Outputs.AccuracyPercent - best.Outputs.AccuracyPercent, lost = ours.Outputs.AccuracyPercent - source.Outputs.AccuracyPercent;
        double cpu = ours.Contestant.Cost!.CpuSeconds / peers.Sum(peer => peer.Contestant.Cost!.CpuSeconds);
        double memory = ours.Contestant.Cost.PeakMiB / peers.Max(peer => peer.Contestant.Cost!.PeakMiB);
        _goals["time"] = times[0] <= (best.Times[0] < 1 ? TimeGoal : 1);
        if (points is not null) _goals["accuracy"] = points >= 0 && lost >= -PointsGoal;
        _goals["CPU"] = cpu <= CpuGoal;
        _goals["memory"] = memory <= MemoryGoal;
        string ratios = string.Join(' ', times.Select(time => (double.IsNaN(time) ? "-" : time.ToString("F2", CultureInfo.InvariantCulture)).PadLeft(7)));
        string missed = string.Join(", ", _goals.Where(goal => !goal.Value).Select(goal => goal.Key));
        _line = string.Create(CultureInfo.InvariantCulture,
            $"{model,-18} {ours.Contestant.Name,-12} {best.Contestant.Name,-26} {ratios} {points,7:F2} {lost,8:F2} {cpu,6:F2} {memory,6:F2}  {(missed.Length == 0 ? "none" : missed)}");
    }

    /// <summary>The verdicts on a model: on what Auto made of it, and on static int8.</summary>
    public static IEnumerable<PeerVerdict> Of(string model, IReadOnlyList<ContestantFigures> figures)
    {
        ContestantFigures[] peers = [.. figures.Where(figure => figure.Contestant.Name.StartsWith(PeerQuantizer.Prefix, StringComparison.Ordinal))];
        if (peers.Length == 0) yield break;
        foreach (string name in (string[])[nameof(Precision.Auto), nameof(Precision.Int8), "Int8 Native"])
            if (figures.FirstOrDefault(figure => figure.Contestant.Name == name) is { } ours) yield return new PeerVerdict(model, ours, figures[0], peers);
    }

    /// <summary>A line each, and how many meet each goal.</summary>
    public static void Print(IReadOnlyList<PeerVerdict> verdicts)
    {
        if (verdicts.Count == 0) return;
        Console.WriteLine("\nOver the Python quantizer's best (time), all its settings together (CPU), the largest of them (memory); points of accuracy above its best, and above float32");
        Console.WriteLine($"{"model",-18} {"precision",-12} {"peer's best",-26} {string.Join(' ', ContestantTimes.Names.Select(name => name.PadLeft(7)))} {"points",7} {"float32",8} {"CPU",6} {"memory",6}  missed");
        foreach (PeerVerdict verdict in verdicts) Console.WriteLine(verdict._line);
        foreach (IGrouping<string, bool> goal in verdicts.SelectMany(verdict => verdict._goals).GroupBy(goal => goal.Key, goal => goal.Value))
            Console.WriteLine($"{goal.Key}: met on {goal.Count(isMet => isMet)} of {goal.Count()} lines");
    }
}
