using System.Diagnostics;
using System.Globalization;
using ModelCompiler.Optimizer.Measurement;
using ModelCompiler.Runtime;

namespace ModelCompiler.Benchmarks;

/// <summary>
/// What the runtime adds to ONNX Runtime's own <c>Run</c> on a tiny model, for each way in, over many short windows of calls in turns: the median over all, and
/// the tenth percentile, which other work on the machine disturbs least. Then shared runs, and a million calls.
/// </summary>
internal static class RuntimeBenchmark
{
    private const int Width = 16;
    private const int Calls = 2000;

    /// <summary>Calls between two readings of the clock: few enough that most windows meet no interrupt, enough that the clock costs next to nothing.</summary>
    private const int Window = 50;
    private const double Seconds = 10;

    public static int Run()
    {
        string folder = Directory.CreateTempSubdirectory("modelcompiler-benchmark").FullName;
        try
        {
            CompareWaysIn(folder);
            BatchingBenchmark.Run(folder);
            MemoryBenchmark.Run(folder);
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
        float[] y = new float[Width];
        var sample = new RuntimePredictor.Sample { X = x };
        using var bare = new BareRun(predictor.Session, 1, Width);
        (string Name, Action Call)[] ways =
        [
            ("ONNX Runtime's Run", () => bare.Run()), ("the same again", () => bare.Run()), ("request", () => request.Run()), ("PredictInto(span)", () => predictor.PredictInto(x, y)),
            ("PredictInto(value)", () => predictor.PredictInto(sample, y)), ("Predict(span)", () => predictor.Predict(x)), ("Predict(value)", () => predictor.Predict(sample)),
        ];
        double[][] times = TimeInTurns([.. ways.Select(way => way.Call)]);
        Console.WriteLine($"{"way in",-20} {"median ns",9} {"ratio",7} {"more ns",8} {"10 % ns",9} {"ratio",7} {"more ns",8} {"bytes",6}");
        for (int i = 0; i < ways.Length; i++)
        {
            double median = Quantile(times[i], 0.5), quick = Quantile(times[i], 0.1), bareQuick = Quantile(times[0], 0.1);
            double ratio = Quantile(times[i].Zip(times[0], (time, first) => time / first), 0.5);
            double more = Quantile(times[i].Zip(times[0], (time, first) => time - first), 0.5);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{ways[i].Name,-20} {median,9:F0} {ratio,7:F3} {more,8:F0} {quick,9:F0} {quick / bareQuick,7:F3} {quick - bareQuick,8:F0} {AllocatedBy(ways[i].Call),6}"));
        }
    }

    /// <summary>Nanoseconds per call, of each window of each way. The ways take turns, each after each other one equally often.</summary>
    private static double[][] TimeInTurns(Action[] ways)
    {
        var times = ways.Select(_ => new List<double>()).ToArray();
        Repeat(Seconds / 5, _ => { });
        GC.Collect();
        Repeat(Seconds, time => times[time.Way].Add(time.Nanoseconds));
        return [.. times.Select(time => time.ToArray())];

        void Repeat(double seconds, Action<(int Way, double Nanoseconds)> take)
        {
            long start = Stopwatch.GetTimestamp();
            for (int round = 0; Stopwatch.GetElapsedTime(start).TotalSeconds < seconds; round++)
            {
                foreach (int way in BalancedOrder.Of(ways.Length, round))
                {
                    take((way, TimeOf(ways[way])));
                }
            }
        }
    }

    private static double TimeOf(Action way)
    {
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < Window; i++)
        {
            way();
        }

        return Stopwatch.GetElapsedTime(start).TotalNanoseconds / Window;
    }

    private static double Quantile(IEnumerable<double> values, double share)
    {
        double[] sorted = [.. values.Order()];
        return sorted[(int)(share * sorted.Length)];
    }

    private static long AllocatedBy(Action call)
    {
        call();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < Calls; i++) call();
        return (GC.GetAllocatedBytesForCurrentThread() - before) / Calls;
    }
}
