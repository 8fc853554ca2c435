using System.Globalization;
using ModelCompiler.Benchmarks.Accuracy;

namespace ModelCompiler.Benchmarks;

/// <summary>
/// One compiled model's figures against the goals: time at most 0.9 of the peer's best (no more than float32's where nothing of the peer's is faster);
/// accuracy not below that of the peer's most accurate and at most 0.1 points below float32's, and the same with what chance may explain allowed; half of the peer's CPU seconds and a third of its memory, all its
/// settings together, as one has to try them all.
/// </summary>
internal sealed class PeerVerdict
{
    /// <summary>No slower than float32, as far as ratios are known.</summary>
    public const double NoSlower = 1 + ContestantTimes.Tolerance / 2;

    /// <summary>Of the time of the fastest of the peer's.</summary>
    public const double TimeGoal = 0.9;

    private const double CpuGoal = 0.5, MemoryGoal = 1 / 3.0, PointsGoal = 0.1;

    private readonly string _precision;
    private readonly string _line;
    private readonly Dictionary<string, bool> _goals = [];

    private PeerVerdict(string model, ContestantFigures ours, ContestantFigures source, IReadOnlyList<ContestantFigures> peers)
    {
        _precision = ours.Contestant.Name;
        ContestantFigures best = peers.MinBy(peer => peer.Times[0])!;
        double[] times = [.. ours.Times.Select((time, i) => time / Math.Min(1, peers.Min(peer => double.IsNaN(peer.Times[i]) ? 1 : peer.Times[i])))];
        ContestantFigures mostAccurate = peers.MaxBy(peer => peer.Outputs.Answers?.Percent)!;
        PairedDifference? points = Difference(ours, mostAccurate), lost = Difference(ours, source);
        double cpu = ours.Contestant.Cost!.CpuSeconds / peers.Sum(peer => peer.Contestant.Cost!.CpuSeconds);
        double memory = ours.Contestant.Cost.PeakMiB / peers.Max(peer => peer.Contestant.Cost!.PeakMiB);
        _goals["time"] = times[0] <= (best.Times[0] < 1 ? TimeGoal : NoSlower);
        if (points is { } over)
        {
            bool holds = lost!.Value.Points >= -PointsGoal;
            _goals["accuracy"] = holds && over.Points >= 0;
            _goals["accuracy but for chance"] = holds && over is not { IsSignificant: true, Points: < 0 };
        }
        _goals["CPU"] = cpu <= CpuGoal;
        _goals["memory"] = memory <= MemoryGoal;
        string ratios = string.Join(' ', times.Select(time => (double.IsNaN(time) ? "-" : time.ToString("F2", CultureInfo.InvariantCulture)).PadLeft(7)));
        string missed = string.Join(", ", _goals.Where(goal => !goal.Value).Select(goal => goal.Key));
        _line = string.Create(CultureInfo.InvariantCulture,
            $"{model,-18} {_precision,-12} {best.Contestant.Name,-26} {ratios} {points,8} {lost,8} {cpu,6:F2} {memory,6:F2}  {(missed.Length == 0 ? "none" : missed)}");
    }

    private static PairedDifference? Difference(ContestantFigures ours, ContestantFigures other) =>
        ours.Outputs.Answers is { } sheet && other.Outputs.Answers is { } others ? sheet.Over(others) : null;

    /// <summary>The verdicts on a model: on each precision.</summary>
    public static IEnumerable<PeerVerdict> Of(string model, IReadOnlyList<ContestantFigures> figures)
    {
        ContestantFigures[] peers = [.. figures.Where(figure => figure.Contestant.Name.StartsWith(PeerQuantizer.Prefix, StringComparison.Ordinal))];
        if (peers.Length == 0) yield break;
        foreach (ContestantFigures ours in figures.Skip(1).Except(peers)) yield return new PeerVerdict(model, ours, figures[0], peers);
    }

    /// <summary>A line each, and how many of each precision meet each goal.</summary>
    public static void Print(IReadOnlyList<PeerVerdict> verdicts)
    {
        if (verdicts.Count == 0) return;
        Console.WriteLine("\nOver the Python quantizer's best (time), all its settings together (CPU), the largest of them (memory); points of accuracy above its most accurate, and above float32 (*: no chance, p < 0.05)");
        Console.WriteLine($"{"model",-18} {"precision",-12} {"peer's best",-26} {string.Join(' ', ContestantTimes.Names.Select(name => name.PadLeft(7)))} {"accuracy",8} {"float32",8} {"CPU",6} {"memory",6}  missed");
        foreach (PeerVerdict verdict in verdicts) Console.WriteLine(verdict._line);
        Console.WriteLine("\nmodels on which a goal is met");
        foreach (IGrouping<string, PeerVerdict> precision in verdicts.GroupBy(verdict => verdict._precision))
        {
            var goals = precision.SelectMany(verdict => verdict._goals).GroupBy(goal => goal.Key, goal => goal.Value);
            Console.WriteLine($"{precision.Key,-12} {string.Join(", ", goals.Select(goal => $"{goal.Key} {goal.Count(isMet => isMet)} of {goal.Count()}"))}");
        }
    }
}
