using ModelCompiler.Optimizer.Data;
using ModelCompiler.Optimizer.Measurement;
using ModelCompiler.Runtime;

namespace ModelCompiler.Benchmarks;

/// <summary>
/// Times models in turns with the first of them. Each setting is over as soon as all ratios are known to three percent; what is slower than the first
/// for one sample on one thread is not timed on many.
/// </summary>
/// <param name="samples">What to run them on.</param>
/// <param name="paths">The models, the one in floating point first.</param>
/// <param name="isQuick">Whether ratios may be off by several percent, and settings that take long are left out.</param>
internal sealed class ContestantTimes(SampleSet samples, IReadOnlyList<string> paths, bool isQuick)
{
    /// <summary>The share of a ratio that its interval of confidence may be wide.</summary>
    public const double Tolerance = 0.03;

    private const double Hopeless = 1.3;

    /// <summary>A setting takes this long at most, and three times as long where that is not enough for three rounds.</summary>
    private const double SecondsPerSetting = 3, QuickSecondsPerSetting = 0.75;

    /// <summary>A setting that would take longer, for a warm-up and three rounds, is left out.</summary>
    private const double LongestSeconds = 20, QuickLongestSeconds = 4;

    private const int LeastRuns = 4;

    private static readonly (int Batch, int Threads)[] Settings = [(1, 1), (1, 2), (32, 1), (32, 2)];

    /// <summary>Names of the settings, for a table's head.</summary>
    public static IEnumerable<string> Names => Settings.Select(setting => $"b{setting.Batch} t{setting.Threads}");

    /// <summary>Milliseconds of one sample on one thread, by model, once they were measured.</summary>
    public double[] Milliseconds { get; private set; } = [];

    /// <summary>Time over that of the first model, by model and setting; NaN where it was not measured.</summary>
    public double[][] Measure()
    {
        int[] all = [.. Enumerable.Range(0, paths.Count)];
        var times = all.Select(_ => Settings.Select(_ => double.NaN).ToArray()).ToArray();
        int[] entered = all;
        double secondsPerSample = 0;
        for (int setting = 0; setting < Settings.Length; setting++)
        {
            (int batch, int threads) = Settings[setting];
            SampleBatch inputs = samples.Take(batch).Read(batch).First();
            // Some models take one sample only.
            if (inputs.Rows < batch || secondsPerSample * batch / threads * LeastRuns > (isQuick ? QuickLongestSeconds : LongestSeconds)) continue;
            IReadOnlyList<LatencyFigures> figures = Time(entered, [.. inputs.Inputs], threads);
            for (int i = 0; i < entered.Length; i++) times[entered[i]][setting] = figures[i].Ratio;
            if (setting > 0) continue;
            Milliseconds = [.. figures.Select(figure => figure.MedianMs)];
            secondsPerSample = figures.Where(figure => figure.Ratio < Hopeless).Sum(figure => figure.MedianMs) / 1000;
            entered = [.. all.Where(index => times[index][0] < Hopeless)];
        }
        return times;
    }

    private IReadOnlyList<LatencyFigures> Time(int[] indices, IReadOnlyList<(string, TensorBuffer)> inputs, int threads)
    {
        var sessions = new List<InferenceSession>();
        try
        {
            foreach (int index in indices) sessions.Add(InferenceSession.Open(paths[index], new SessionOptions { IntraOpThreads = threads }));
            var budget = new LatencyBudget(TimeSpan.FromSeconds(isQuick ? QuickSecondsPerSetting : SecondsPerSetting), Tolerance: Tolerance);
            return LatencyComparison.Measure([.. sessions.Select(session => (session, inputs))], budget).Figures;
        }
        finally
        {
            sessions.ForEach(session => session.Dispose());
        }
    }
}
