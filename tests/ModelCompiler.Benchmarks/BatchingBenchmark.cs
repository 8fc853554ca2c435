using System.Diagnostics;
using System.Globalization;
using ModelCompiler.Onnx;
using ModelCompiler.Runtime;

namespace ModelCompiler.Benchmarks;

/// <summary>
/// What sharing runs gives under 1, 8 and 64 callers, against single calls and the best batch of a fixed size. Rounds of all take turns, and shares are
/// taken within a round, so that a machine that serves others meets all of them alike.
/// </summary>
internal static class BatchingBenchmark
{
    private const int Width = 256, Layers = 4, Calls = 4096, Rounds = 25;
    private static readonly int[] Sizes = [1, 8, 16, 32, 64];
    private static readonly int[] Callers = [1, 8, 64];

    public static void Run(string folder)
    {
        float[] x = [.. Enumerable.Range(0, Width).Select(i => (float)i)];
        var sample = new RuntimePredictor.Sample { X = x };
        using var predictor = RuntimePredictor.Create(folder, Dim.Named("N"), Width, Layers, new PredictorOptions());
        var fixedRates = Sizes.Select(_ => new double[Rounds]).ToArray();
        var sharedRates = Callers.Select(_ => new double[Rounds]).ToArray();
        var latencies = Callers.Select(_ => new double[Rounds * Calls]).ToArray();
        for (int round = -1; round < Rounds; round++)
        {
            // The first round warms up, and the next one writes over it.
            int slot = Math.Max(round, 0);
            for (int i = 0; i < Sizes.Length; i++)
            {
                RuntimePredictor.Sample[] batch = [.. Enumerable.Repeat(sample, Sizes[i])];
                fixedRates[i][slot] = Rate(() => Array.ForEach([.. Enumerable.Range(0, Calls / batch.Length)], _ => predictor.PredictBatch(batch)));
            }

            for (int i = 0; i < Callers.Length; i++)
            {
                var slice = new ArraySegment<double>(latencies[i], slot * Calls, Calls);
                sharedRates[i][slot] = Rate(() => CallFrom(predictor, sample, Callers[i], slice));
            }
        }

        Print(fixedRates, sharedRates, latencies);
    }

    private static void Print(double[][] fixedRates, double[][] sharedRates, double[][] latencies)
    {
        int best = Enumerable.Range(0, Sizes.Length).MaxBy(i => Median(fixedRates[i]));
        double run = 1000 * Sizes[best] / Median(fixedRates[best]);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"\nsingle calls: {Median(fixedRates[0]):F0} samples/s; best fixed batch: {Sizes[best]}, {Median(fixedRates[best]):F0} samples/s, a run takes {run:F2} ms"));
        Console.WriteLine($"{"callers",-20} {"samples/s",10} {"of single",10} {"of best",8} {"p50 ms",7} {"p99 ms",7}");
        for (int i = 0; i < Callers.Length; i++)
        {
            double Share(int size) => Median([.. sharedRates[i].Zip(fixedRates[size], (shared, single) => shared / single)]);
            Array.Sort(latencies[i]);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{Callers[i],-20} {Median(sharedRates[i]),10:F0} {Share(0),10:F2} {Share(best),8:F2} {latencies[i][latencies[i].Length / 2],7:F2} {latencies[i][(int)(0.99 * latencies[i].Length)],7:F2}"));
        }
    }

    private static void CallFrom(RuntimePredictor predictor, RuntimePredictor.Sample sample, int callers, ArraySegment<double> latencies)
    {
        int next = -1;
        Task.WaitAll(Enumerable.Range(0, callers).Select(_ => Task.Run(async () =>
        {
            for (int i; (i = Interlocked.Increment(ref next)) < latencies.Count;)
            {
                long start = Stopwatch.GetTimestamp();
                await predictor.PredictAsync(sample);
                latencies.Array![latencies.Offset + i] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            }
        })).ToArray());
    }

    /// <summary>Samples in a second.</summary>
    private static double Rate(Action run)
    {
        long start = Stopwatch.GetTimestamp();
        run();
        return Calls / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static double Median(double[] values) => values.Order().ElementAt(values.Length / 2);
}
