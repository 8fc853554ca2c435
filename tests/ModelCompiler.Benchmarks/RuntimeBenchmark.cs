using System.Diagnostics;
using System.Globalization;
using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Measurement;
using ModelCompiler.Runtime;

namespace ModelCompiler.Benchmarks;

/// <summary>
/// What the runtime adds to ONNX Runtime's own <c>Run</c> on a tiny model, for each way in, timed in turns; and what sharing runs gives under 1, 8
/// and 64 callers, against the best batch of a fixed size.
/// </summary>
internal static class RuntimeBenchmark
{
    private const int Width = 16;
    private const int Calls = 2000;
    private static readonly int[] Callers = [1, 8, 64];

    public static int Run()
    {
        string folder = Directory.CreateTempSubdirectory("modelcompiler-benchmark").FullName;
        try
        {
            CompareWaysIn(folder);
            CompareBatching(folder);
            return 0;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void CompareWaysIn(string folder)
    {
        using var predictor = RuntimePredictor.Create(folder, 1, Width, 1, new PredictorOptions());
        using var request = predictor.CreateRequest();
        float[] x = new float[Width];
        using var bare = new BareRun(predictor.Session, 1, Width);
        (string Name, Action Call)[] ways = [("ONNX Runtime's Run", bare.Run), ("request", () => request.Run()), ("Predict(span)", () => predictor.Predict(x))];
        LatencyResult measured = LatencyComparison.Measure([.. ways.Select(way => way.Call)], new LatencyBudget(TimeSpan.FromSeconds(10)));
        Console.WriteLine($"{"way in",-20} {"µs",8} {"ratio",7} {"bytes",6}");
        foreach (var (way, figures) in ways.Zip(measured.Figures))
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{way.Name,-20} {1000 * figures.MedianMs,8:F3} {figures.Ratio,7:F3} {AllocatedBy(way.Call),6}"));
    }

    private static long AllocatedBy(Action call)
    {
        call();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < Calls; i++) call();
        return (GC.GetAllocatedBytesForCurrentThread() - before) / Calls;
    }

    private static void CompareBatching(string folder)
    {
        const int width = 256, layers = 4;
        float[] x = [.. Enumerable.Range(0, width).Select(i => (float)i)];
        var sample = new RuntimePredictor.Sample { X = x };
        using var predictor = RuntimePredictor.Create(folder, Dim.Named("N"), width, layers, new PredictorOptions());
        double best = new[] { 1, 8, 16, 32, 64 }.Max(size => Throughput(Calls, () =>
        {
            RuntimePredictor.Sample[] batch = [.. Enumerable.Repeat(sample, size)];
            for (int done = 0; done < Calls; done += size) predictor.PredictBatch(batch);
        }));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"\nbest fixed batch: {best:F0} samples/s"));
        Console.WriteLine($"{"callers",-20} {"samples/s",10} {"share",6} {"p99 ms",7}");
        foreach (int callers in Callers)
        {
            var latencies = new double[Calls];
            double rate = Throughput(Calls, () => CallFrom(predictor, sample, callers, latencies));
            Array.Sort(latencies);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{callers,-20} {rate,10:F0} {rate / best,6:F2} {latencies[(int)(0.99 * Calls)],7:F2}"));
        }
    }

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

    /// <summary>Samples in a second, in the best of three rounds after one to warm up.</summary>
    private static double Throughput(int samples, Action run)
    {
        run();
        return Enumerable.Range(0, 3).Max(_ =>
        {
            long start = Stopwatch.GetTimestamp();
            run();
            return samples / Stopwatch.GetElapsedTime(start).TotalSeconds;
        });
    }
}
