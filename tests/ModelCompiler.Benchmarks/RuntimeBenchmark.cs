using System.Globalization;
using ModelCompiler.Optimizer.Measurement;
using ModelCompiler.Runtime;

namespace ModelCompiler.Benchmarks;

/// <summary>What the runtime adds to ONNX Runtime's own <c>Run</c> on a tiny model, for each way in, timed in turns; then shared runs, and a million calls.</summary>
internal static class RuntimeBenchmark
{
    private const int Width = 16;
    private const int Calls = 2000;

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
            ("ONNX Runtime's Run", bare.Run), ("request", () => request.Run()), ("PredictInto(span)", () => predictor.PredictInto(x, y)),
            ("PredictInto(value)", () => predictor.PredictInto(sample, y)), ("Predict(span)", () => predictor.Predict(x)), ("Predict(value)", () => predictor.Predict(sample)),
        ];
        LatencyResult measured = LatencyComparison.Measure([.. ways.Select(way => way.Call)], new LatencyBudget(TimeSpan.FromSeconds(10)));
        Console.WriteLine($"{"way in",-20} {"µs",8} {"ratio",7} {"more ns",8} {"bytes",6}");
        foreach (var (way, figures) in ways.Zip(measured.Figures))
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{way.Name,-20} {1000 * figures.MedianMs,8:F3} {figures.Ratio,7:F3} {1e6 * measured.Figures[0].MedianMs * (figures.Ratio - 1),8:F0} {AllocatedBy(way.Call),6}"));
    }

    private static long AllocatedBy(Action call)
    {
        call();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < Calls; i++) call();
        return (GC.GetAllocatedBytesForCurrentThread() - before) / Calls;
    }
}
