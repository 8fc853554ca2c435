using System.Diagnostics;
using System.Globalization;
using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Compilation;
using ModelCompiler.Optimizer.Targets;
using ModelCompiler.Runtime;

namespace ModelCompiler.Benchmarks;

/// <summary>
/// What sharing runs gives under several callers, against single calls and the best batch of a fixed size. Rounds of all take turns, and shares are
/// taken within a round, so that a machine that serves others meets all of them alike. So are the quantiles of latency, over the length of the round's own
/// runs of as many samples as there are callers: the goal for the slowest call in a hundred is the window, which is 0 here, and two of them. The slowest in a hundred
/// of all rounds' calls together stands beside it, and the worst round's.
/// </summary>
internal sealed class BatchingBenchmark
{
    private const int Rounds = 11;

    /// <summary>
    /// Short rounds before those that count: .NET compiles a method anew after 30 calls, on a thread that takes a core from the callers, and some are called but a
    /// few times in a round.
    /// </summary>
    private const int WarmUps = 40, PartOfRound = 16;

    /// <summary>What the model is.</summary>
    public required string Title { get; init; }

    public required RuntimePredictor Predictor { get; init; }

    /// <summary>Calls in a round: of a few the first wave, which meets nobody who waits, would be the slowest in a hundred.</summary>
    public required int Calls { get; init; }

    /// <summary>The fixed batches, one for each number of callers among them.</summary>
    public required int[] Sizes { get; init; }

    public required int[] Callers { get; init; }

    /// <summary>
    /// Trained networks as <c>modelc</c> ships them, whose runs of 64 samples take milliseconds; then what is hard for it: runs of half a millisecond, next to which what
    /// the system does with two cores counts, and 64 MiB of weights to read, for which a run of one sample takes nearly as long as one of eight.
    /// </summary>
    public static void Run(string folder)
    {
        foreach (string name in (string[])["digits", "mobilenet-v3-like"])
        {
            QuantizedModel model = QuantizedModel.All(folder, name).Single();
            Contestant compiled = ChildCompilation.Run(model, Precision.Int8, TargetCpu.Portable) ?? throw new InvalidOperationException($"{name} does not compile");
            using var predictor = RuntimePredictor.Of(compiled.Path, new PredictorOptions());
            new BatchingBenchmark { Title = $"{name}, Int8", Predictor = predictor, Calls = 2048, Sizes = [1, 8, 64], Callers = [1, 8, 64] }.Measure();
        }

        using var quick = RuntimePredictor.Create(folder, Dim.Named("N"), 256, 4, new PredictorOptions());
        new BatchingBenchmark { Title = "4 layers of 256", Predictor = quick, Calls = 16384, Sizes = [1, 8, 16, 32, 64], Callers = [1, 8, 64] }.Measure();
        using var wide = RuntimePredictor.Create(folder, Dim.Named("N"), 2048, 4, new PredictorOptions());
        new BatchingBenchmark { Title = "4 layers of 2048", Predictor = wide, Calls = 64, Sizes = [1, 4, 8], Callers = [1, 8] }.Measure();
    }

    private void Measure()
    {
        float[] x = [.. Enumerable.Range(0, Predictor.SampleSize).Select(i => i / (float)Predictor.SampleSize)];
        var sample = new RuntimePredictor.Sample { X = x };
        var fixedRates = Sizes.Select(_ => new double[Rounds]).ToArray();
        var sharedRates = Callers.Select(_ => new double[Rounds]).ToArray();
        var latencies = Callers.Select(_ => Enumerable.Range(0, Rounds).Select(_ => new double[Calls]).ToArray()).ToArray();
        for (int round = -WarmUps; round < Rounds; round++)
        {
            // What warms up is written over.
            int slot = Math.Max(round, 0), calls = round < 0 ? Calls / PartOfRound : Calls;
            for (int i = 0; i < Sizes.Length; i++)
            {
                RuntimePredictor.Sample[] batch = [.. Enumerable.Repeat(sample, Sizes[i])];
                fixedRates[i][slot] = Rate(() => Array.ForEach([.. Enumerable.Range(0, calls / batch.Length)], _ => Predictor.PredictBatch(batch)));
            }

            for (int i = 0; i < Callers.Length; i++)
            {
                double[] slots = round < 0 ? new double[calls] : latencies[i][slot];
                sharedRates[i][slot] = Rate(() => CallFrom(Predictor, sample, Callers[i], slots));
                Array.Sort(slots);
            }
        }

        Print(fixedRates, sharedRates, latencies);
    }

    private void Print(double[][] fixedRates, double[][] sharedRates, double[][][] latencies)
    {
        int best = Enumerable.Range(0, Sizes.Length).MaxBy(i => Median(fixedRates[i]));
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"\n{Title}; single calls: {Median(fixedRates[0]):F0} samples/s; best fixed batch: {Sizes[best]}, {Median(fixedRates[best]):F0} samples/s"));
        Console.WriteLine($"{"callers",-20} {"samples/s",10} {"of single",10} {"of best",8} {"p50 ms",7} {"p99 ms",7} {"run ms",7} {"p50 runs",9} {"p99 runs",9} {"of all",7} {"worst",7}");
        for (int i = 0; i < Callers.Length; i++)
        {
            double[] middle = Array.ConvertAll(latencies[i], sorted => sorted[Calls / 2]), slow = Array.ConvertAll(latencies[i], sorted => sorted[(int)(0.99 * Calls)]);
            double[] runs = Array.ConvertAll(fixedRates[Array.IndexOf(Sizes, Callers[i])], rate => 1000 * Callers[i] / rate), slowRuns = Ratios(slow, runs);
            double[] all = [.. latencies[i].Zip(runs, (calls, run) => calls.Select(call => call / run)).SelectMany(calls => calls).Order()];
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{Callers[i],-20} {Median(sharedRates[i]),10:F0} {Median(Ratios(sharedRates[i], fixedRates[0])),10:F2} {Median(Ratios(sharedRates[i], fixedRates[best])),8:F2} {Median(middle),7:F2} {Median(slow),7:F2} {Median(runs),7:F2} {Median(Ratios(middle, runs)),9:F2} {Median(slowRuns),9:F2} {all[(int)(0.99 * all.Length)],7:F2} {slowRuns.Max(),7:F2}"));
        }
    }

    private static double[] Ratios(double[] values, double[] others) => [.. values.Zip(others, (value, other) => value / other)];

    private static void CallFrom(RuntimePredictor predictor, RuntimePredictor.Sample sample, int callers, double[] latencies)
    {
        int next = -1;
        Task.WaitAll(Enumerable.Range(0, callers).Select(_ => Task.Run(async () =>
        {
            for (int i; (i = Interlocked.Increment(ref next)) < latencies.Length;)
            {
                long start = Stopwatch.GetTimestamp();
                await predictor.PredictAsync(sample);
                latencies[i] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            }
        })).ToArray());
    }

    /// <summary>Samples in a second.</summary>
    private double Rate(Action run)
    {
        long start = Stopwatch.GetTimestamp();
        run();
        return Calls / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static double Median(double[] values) => values.Order().ElementAt(values.Length / 2);
}
