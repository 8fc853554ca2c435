using ModelCompiler.Runtime;

namespace ModelCompiler.Optimizer.Measurement;

/// <summary>
/// How long is measured: until <paramref name="Rounds"/> are done where they are given, else for <paramref name="Time"/>, or, from a tenth of it
/// on, until each ratio is known to within a share of <paramref name="Tolerance"/> (its 95 % interval's width, by order statistics), or of a tenth of
/// what it differs from one.
/// </summary>
public sealed record LatencyBudget(TimeSpan Time, int? Rounds = null, double Tolerance = 0)
{
    /// <summary>Where all that is asked is whether ratios are above or below a number: that number.</summary>
    public double? Limit { get; init; }

    /// <summary>What surely takes more than this share of the first contestant's time runs no more; the others then have the time that is left to them.</summary>
    public double? Hopeless { get; init; }

    /// <summary>
    /// Where one is to be chosen, and each is preferred to those behind it: the share of another's time that one surely has to take to be taken instead. What surely takes at
    /// most that of the first's needs no closer look beside the first; what surely takes more than that of the second's runs no more. By how much does not matter then.
    /// </summary>
    public double? Gain { get; init; }

    /// <summary>Enough for a ratio that holds within a few percent on a quiet machine.</summary>
    public static LatencyBudget Default { get; } = Within(TimeSpan.FromSeconds(1.5));

    /// <summary>As long as it takes to know ratios to two percent, at most a time.</summary>
    public static LatencyBudget Within(TimeSpan time) => new(time, Tolerance: 0.02);
}

/// <summary>
/// Times of one contestant, per run, in milliseconds: median, 95th percentile (nearest rank), and the median over all rounds of its time over
/// that of the first contestant in the same round.
/// </summary>
public sealed record LatencyFigures(double MedianMs, double P95Ms, double Ratio)
{
    /// <summary>Where the ratio surely lies: its 95 % interval.</summary>
    public (double Low, double High) Interval { get; init; } = (Ratio, Ratio);
}

/// <summary>What was measured, in the order of the contestants, and in how many rounds.</summary>
public sealed record LatencyResult(IReadOnlyList<LatencyFigures> Figures, int Rounds);

/// <summary>
/// Times several models against each other. In each round every model runs once, so that a machine that warms up, slows down or serves others
/// meets all of them alike; each follows each other one equally often (<see cref="BalancedOrder"/>), and what is short runs once more before it counts,
/// for its weights are where another model's run left them: copies of one file of 0.2 ms differed by 3 to 11 % without, by what came before them. Ratios
/// are taken within a round, before anything is averaged. A model that takes less than <see cref="MinSliceMs"/> runs several times in its turn, and its
/// turn's mean counts.
/// </summary>
public static class LatencyComparison
{
    /// <summary>The shortest time, in milliseconds, that is worth a reading of the clock beside the noise of a scheduler.</summary>
    public const double MinSliceMs = 0.2;

    /// <summary>A run of fewer milliseconds is preceded by one that does not count: to fill a cache of 2 MiB again takes a few percent of this.</summary>
    public const double SettlingMs = 5;

    /// <summary>Rounds that there are at least where nobody said how well the ratios are to be known.</summary>
    private const int MinRounds = 11;

    /// <summary>Rounds whose smallest and largest ratio have the median between them with 95 % probability (1 − 2 · 2⁻⁶).</summary>
    private const int LeastKnownRounds = 6;

    /// <summary>Rounds that are enough where <see cref="MinRounds"/> would take many times as long as is wanted.</summary>
    private const int FewestRounds = 3;
    private const int PatienceFactor = 3;

    /// <summary>Share of the time after which, each time, it is asked whether the ratios are known already.</summary>
    private const double LookInterval = 0.1;
    private const double ClearShare = 0.1;
    private const int MaxRounds = 1_000_000;
    private const int MinWarmUps = 3;

    /// <summary>Runs of which none is faster than all before by <see cref="Faster"/>: it has settled.</summary>
    private const int SettledRuns = 4;
    private const double Faster = 0.98;
    private const int MaxRepeats = 1000;

    /// <summary>Times sessions on inputs of their own. Inputs are put in place before; no run copies or allocates where shapes are fixed.</summary>
    /// <exception cref="ModelCompilerException">A run failed, or an input or output is no tensor.</exception>
    public static LatencyResult Measure(
        IReadOnlyList<(InferenceSession Session, IReadOnlyList<(string Name, TensorBuffer Value)> Inputs)> models,
        LatencyBudget budget,
        CancellationToken cancellationToken = default) => Measure(models, budget, isSingleThreaded: false, cancellationToken);

    /// <summary>Times sessions on inputs of their own.</summary>
    /// <param name="models">The sessions, and what each is given.</param>
    /// <param name="budget">How long.</param>
    /// <param name="isSingleThreaded">Whether all of them run on one thread, whose processor time then counts where the system tells it, and not the wall's clock.</param>
    /// <param name="cancellationToken">Stops between runs.</param>
    /// <exception cref="ModelCompilerException">A run failed, or an input or output is no tensor.</exception>
    public static LatencyResult Measure(
        IReadOnlyList<(InferenceSession Session, IReadOnlyList<(string Name, TensorBuffer Value)> Inputs)> models,
        LatencyBudget budget,
        bool isSingleThreaded,
        CancellationToken cancellationToken)
    {
        var timed = new List<TimedModel>();
        try
        {
            foreach (var (session, inputs) in models) timed.Add(new TimedModel(session, inputs));
            return Measure([.. timed.Select<TimedModel, Action>(model => model.Run)], budget, work: isSingleThreaded ? ThreadClock.OrSystem : null, cancellationToken: cancellationToken);
        }
        finally
        {
            timed.ForEach(model => model.Dispose());
        }
    }

    /// <summary>Times actions.</summary>
    /// <param name="contestants">What is timed, at least one.</param>
    /// <param name="budget">How long.</param>
    /// <param name="clock">What is asked for the time; the system's clock by default.</param>
    /// <param name="work">What is asked how long a contestant took; <paramref name="clock"/> by default.</param>
    /// <param name="cancellationToken">Stops between runs.</param>
    public static LatencyResult Measure(
        IReadOnlyList<Action> contestants, LatencyBudget budget, TimeProvider? clock = null, TimeProvider? work = null, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfZero(contestants.Count, nameof(contestants));
        clock ??= TimeProvider.System;
        work ??= clock;
        TimeSpan warmUp = budget.Rounds is null ? budget.Time / 10 / contestants.Count : TimeSpan.Zero;
        double[] fastest = [.. contestants.Select(contestant => WarmUp(contestant, warmUp, clock, work, cancellationToken))];
        var times = contestants.Select(_ => new List<double>()).ToArray();
        // What the warm-up left behind is collected now and not within a round.
        GC.Collect();
        long start = clock.GetTimestamp();
        TimeSpan time = budget.Time, nextLook = time * LookInterval;
        int[] running = [.. Enumerable.Range(0, contestants.Count)];
        for (int round = 0; !IsOver(round); round++)
        {
            foreach (int place in BalancedOrder.Of(running.Length, round))
            {
                cancellationToken.ThrowIfCancellationRequested();
                int index = running[place];
                times[index].Add(Turn(contestants[index], fastest[index], work));
            }
        }
        return new LatencyResult([.. times.Select(time => Summarize(time, times[0]))], times[0].Count);

        bool IsOver(int round) => budget.Rounds is { } rounds
            ? round >= rounds
            : round >= MaxRounds
                || (round >= FewestRounds && IsKnown(round))
                || (round >= (budget.Tolerance > 0 ? LeastKnownRounds : MinRounds) && clock.GetElapsedTime(start) >= time)
                || (round >= FewestRounds && clock.GetElapsedTime(start) >= time * PatienceFactor);

        bool IsRatioKnown(double[] ratios)
        {
            if (ratios.Length < LeastKnownRounds) return IsFarFromOne(ratios);
            (double low, double high) = Interval(ratios);
            if (low > budget.Limit || high <= budget.Limit) return true;
            double median = Median(ratios);
            // Of what is twice as fast or as slow, it does not matter by how many percent.
            return (high - low) / median <= Math.Max(budget.Tolerance, ClearShare * Math.Abs(1 - median));
        }

        bool IsKnown(int round)
        {
            if (budget.Tolerance == 0 || clock.GetElapsedTime(start) < nextLook) return false;
            if (round >= LeastKnownRounds)
            {
                nextLook += budget.Time * LookInterval;
                GiveUp();
            }
            return running.Skip(1).All(index => IsGainKnown(index, round) || IsRatioKnown(Ratios(times[index], times[0]))) && IsChoiceKnown(round);
        }

        // Whether one surely gains on the first, and by how much does not matter: it is compared with the second, or alone.
        bool IsGainKnown(int index, int round) =>
            round >= LeastKnownRounds && budget.Gain is { } gain && (running.Contains(1) || running.Length == 2) && Interval(Ratios(times[index], times[0])).High <= gain;

        // Whether one of those that may gain on the second surely does, and is alone with that; of several, it has to be known by how much.
        bool IsChoiceKnown(int round)
        {
            if (budget.Gain is not { } gain || round < LeastKnownRounds || !running.Contains(1)) return true;
            int[] others = [.. running.Where(index => index > 1)];
            return others.All(index => Ratios(times[index], times[1]) is var ratios && ((others.Length == 1 && Interval(ratios).High <= gain) || IsRatioKnown(ratios)));
        }

        void GiveUp()
        {
            int before = running.Length;
            if (budget.Hopeless is { } most) running = [.. running.Where(index => index == 0 || Interval(Ratios(times[index], times[0])).Low <= most)];
            if (budget.Gain is { } gain && running.Contains(1)) running = [.. running.Where(index => index <= 1 || Interval(Ratios(times[index], times[1])).Low <= gain)];
            if (running.Length == before) return;
            TimeSpan elapsed = clock.GetElapsedTime(start);
            time = elapsed + (time - elapsed) * ((double)running.Length / before);
        }
    }

    /// <summary>Whether few rounds agree ten times as well as they differ from one: nothing that disturbs them would do so by as much each time.</summary>
    private static bool IsFarFromOne(double[] ratios) => ratios[^1] - ratios[0] <= ClearShare * Math.Min(Math.Abs(1 - ratios[0]), Math.Abs(1 - ratios[^1])) && ratios[0] > 1 == ratios[^1] > 1;

    /// <summary>The 95 % confidence interval of the median ratio (Conover 1999, section 3.2: ranks n/2 ± 0.98 √n).</summary>
    private static (double Low, double High) Interval(double[] ratios)
    {
        double reach = 0.98 * Math.Sqrt(ratios.Length);
        int low = Math.Max(0, (int)(ratios.Length / 2.0 - reach)), high = Math.Min(ratios.Length - 1, (int)Math.Ceiling(ratios.Length / 2.0 + reach));
        return (ratios[low], ratios[high]);
    }

    private static double[] Ratios(List<double> times, List<double> first) => [.. times.Zip(first, (time, reference) => time / reference).Order()];

    /// <summary>Runs until caches, thread pools and the just-in-time compiler have settled; gives the shortest run.</summary>
    private static double WarmUp(Action contestant, TimeSpan limit, TimeProvider clock, TimeProvider work, CancellationToken cancellationToken)
    {
        long start = clock.GetTimestamp();
        double fastest = double.PositiveInfinity;
        // Where there is time, the time decides: a run that takes as long as the whole warm-up is enough of it.
        int least = limit > TimeSpan.Zero ? 1 : MinWarmUps;
        for (int run = 0, settled = 0; run < least || (settled < SettledRuns && clock.GetElapsedTime(start) < limit); run++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            double time = Time(contestant, 1, work);
            settled = time < fastest * Faster ? 0 : settled + 1;
            fastest = Math.Min(fastest, time);
        }
        return fastest;
    }

    /// <summary>Milliseconds of one run of a contestant that takes about so many.</summary>
    private static double Turn(Action contestant, double expected, TimeProvider work)
    {
        if (expected < SettlingMs) contestant();
        return Time(contestant, (int)Math.Clamp(Math.Ceiling(MinSliceMs / expected), 1, MaxRepeats), work);
    }

    private static double Time(Action contestant, int repeats, TimeProvider work)
    {
        long start = work.GetTimestamp();
        for (int i = 0; i < repeats; i++) contestant();
        return work.GetElapsedTime(start).TotalMilliseconds / repeats;
    }

    private static LatencyFigures Summarize(List<double> times, List<double> first)
    {
        double[] sorted = [.. times.Order()];
        int p95 = Math.Max(0, (int)Math.Ceiling(sorted.Length * 0.95) - 1);
        double[] ratios = Ratios(times, first);
        return new LatencyFigures(Median(sorted), sorted[p95], Median(ratios)) { Interval = Interval(ratios) };
    }

    private static double Median(double[] sorted) => sorted.Length % 2 == 1
        ? sorted[sorted.Length / 2]
        : (sorted[sorted.Length / 2 - 1] + sorted[sorted.Length / 2]) / 2;
}
