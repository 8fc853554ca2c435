using System.Diagnostics;

namespace DigitClassifier;

/// <summary>
/// Times two actions in turns, so that a machine that speeds up, slows down or serves others in between
/// does so to both alike.
/// </summary>
internal static class InterleavedTiming
{
    private const int Rounds = 150;
    private const int CallsPerTurn = 8;

    /// <summary>Median milliseconds of one call of each action.</summary>
    public static (double First, double Second) Measure(Action first, Action second)
    {
        var firstTimes = new double[Rounds * CallsPerTurn];
        var secondTimes = new double[Rounds * CallsPerTurn];
        for (int round = 0; round < Rounds; round++)
        {
            int start = round * CallsPerTurn;
            TakeTurn(first, firstTimes.AsSpan(start, CallsPerTurn));
            TakeTurn(second, secondTimes.AsSpan(start, CallsPerTurn));
        }

        return (Median(firstTimes), Median(secondTimes));
    }

    private static void TakeTurn(Action action, Span<double> times)
    {
        action(); // not timed: the other action has just filled the caches
        foreach (ref double time in times)
        {
            long start = Stopwatch.GetTimestamp();
            action();
            time = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        }
    }

    private static double Median(double[] times)
    {
        Array.Sort(times);
        return times[times.Length / 2];
    }
}
