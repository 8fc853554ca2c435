using System.Diagnostics;
using System.Globalization;
using ModelCompiler.Onnx;
using ModelCompiler.Runtime;
using ModelCompiler.Tests;

namespace ModelCompiler.Benchmarks;

/// <summary>
/// Memory of the process over a million calls of each way in, and over calls of ever other sizes: both must end where they were after the first tenth.
/// </summary>
internal static class MemoryBenchmark
{
    private const int Calls = 1_000_000;
    private const int Width = 16;
    private const int LargestBatch = 4096;

    public static void Run(string folder)
    {
        float[] x = new float[Width];
        float[] y = new float[Width];
        using var predictor = RuntimePredictor.Create(folder, 1, Width, 1, new PredictorOptions());
        using var request = predictor.CreateRequest();
        Console.WriteLine($"\n{"a million calls",-20} {"managed KiB",12} {"after",8} {"RSS MiB",8} {"after",8} {"s",6}");
        Measure("request", Calls, _ => request.Run());
        Measure("PredictInto(span)", Calls, _ => predictor.PredictInto(x, y));
        Measure("Predict(span)", Calls, _ => predictor.Predict(x));

        using var batched = RuntimePredictor.Create(folder, Dim.Named("N"), Width, 1, new PredictorOptions());
        float[] samples = new float[LargestBatch * Width];
        var random = new Random(1);
        Measure("20,000 other sizes", Calls / 50, _ => batched.PredictAny(samples.AsSpan(0, Width * random.Next(1, LargestBatch + 1))));
        MeasureWidths("300 widths, bounded", new SessionOptions());
        MeasureWidths("300 widths, all kept", new SessionOptions { ArenaLimit = null });
    }

    /// <summary>A convolutional net whose every run has another width: what the arena of ONNX Runtime keeps, and what it costs to keep less.</summary>
    private static void MeasureWidths(string name, SessionOptions options)
    {
        using var session = InferenceSession.Open(PublicModels.PathOf(PublicModels.Recognizer), options);
        using var run = new PreparedRun(session);
        var random = new Random(1);
        Measure(name, 300, _ =>
        {
            run.ResizeInput<float>(0, [1, 3, 48, random.Next(4, 200) * 8]);
            run.Run();
        });
    }

    /// <summary>Two figures of each kind: after a tenth of the calls, when all that stays is there, and at the end.</summary>
    private static void Measure(string name, int calls, Action<int> call)
    {
        int tenth = calls / 10;
        for (int i = 0; i < tenth; i++) call(i);
        var (managed, resident) = Memory();
        long start = Stopwatch.GetTimestamp();
        for (int i = tenth; i < calls; i++) call(i);
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        var (managedAfter, residentAfter) = Memory();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name,-20} {managed / 1024.0,12:F0} {managedAfter / 1024.0,8:F0} {resident / 1048576.0,8:F1} {residentAfter / 1048576.0,8:F1} {seconds,6:F1}"));
    }

    private static (long Managed, long Resident) Memory()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return (GC.GetTotalMemory(forceFullCollection: true), Environment.WorkingSet);
    }
}
