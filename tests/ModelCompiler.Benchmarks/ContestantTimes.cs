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
/// <param name="isQuick">Whether a quarter of the time is enough, and what takes a second for many samples is left out.</param>
internal sealed class ContestantTimes(SampleSet samples, IReadOnlyList<string> paths, bool isQuick)
{
    private const double Hopeless = 1.3, Tolerance = 0.03;

    /// <summary>A setting takes this long at most, and three times as long where that is not enough for three rounds.</summary>
    private const double SecondsPerSetting = 5, QuickSecondsPerSetting = 1.25;

    private static readonly (int Batch, int Threads)[] Settings = [(1, 1), (1, 2), (32, 1), (32, 2)];

    /// <summary>Names of the settings, for a table's head.</summary>
    public static IEnumerable<string> Names => Settings.Select(setting => $"b{setting.Batch} t{setting.Threads}");

    /// <summary>Time over that of the first model, by model and setting; NaN where it was not measured.</summary>
    public double[][] Measure()
    {
        int[] all = [.. Enumerable.Range(0, paths.Count)];
        var times = all.Select(_ => Settings.Select(_ => double.NaN).ToArray()).ToArray();
        int[] entered = all;
        for (int setting = 0; setting < Settings.Length; setting++)
        {
            double[] ratios = Ratios(entered, Settings[setting]);
            for (int i = 0; i < entered.Length; i++) times[entered[i]][setting] = ratios[i];
            if (setting == 0) entered = [.. all.Where(index => times[index][0] < Hopeless)];
        }
        return times;
    }

    private double[] Ratios(int[] indices, (int Batch, int Threads) setting)
    {
        var sessions = new List<InferenceSession>();
        try
        {
            foreach (int index in indices) sessions.Add(InferenceSession.Open(paths[index], new SessionOptions { IntraOpThreads = setting.Threads }));
            IReadOnlyList<(string, TensorBuffer)> inputs = [.. samples.Take(setting.Batch).Read(setting.Batch).First().Inputs];
            var budget = new LatencyBudget(TimeSpan.FromSeconds(isQuick ? QuickSecondsPerSetting : SecondsPerSetting), Tolerance: Tolerance);
            return [.. LatencyComparison.Measure([.. sessions.Select(session => (session, inputs))], budget).Figures.Select(figures => figures.Ratio)];
        }
        finally
        {
            sessions.ForEach(session => session.Dispose());
        }
    }
}
