using System.Globalization;
using ModelCompiler.Optimizer.Compilation;
using ModelCompiler.Optimizer.Measurement;
using ModelCompiler.Runtime;
using ModelCompiler.Tests;

namespace ModelCompiler.Benchmarks;

/// <summary>
/// Every precision against float32, and against the Python quantizer where build/peer.sh has set it up: time ratios at batch 1 and 32 with one
/// and two threads, all contestants in turns; agreement or accuracy; size; CPU seconds and peak memory of each compilation, in its own process.
/// </summary>
internal static class QuantizationBenchmark
{
    private static readonly (int Batch, int Threads)[] Settings = [(1, 1), (1, 2), (32, 1), (32, 2)];

    /// <summary>Runs the shapes whose name contains a word, or all.</summary>
    public static int Run(string word)
    {
        string folder = Directory.CreateDirectory(Path.Combine(PublicModels.RepositoryRoot, "artifacts", "quantization")).FullName;
        IReadOnlyList<QuantizedModel> models = [.. QuantizedModel.All(folder).Where(model => model.Name.Contains(word, StringComparison.Ordinal))];
        PeerQuantizer? peer = PeerQuantizer.Find();
        if (peer is null) Console.WriteLine("(without the Python quantizer: build/peer.sh sets it up)");
        Console.WriteLine($"{"model",-18} {"contestant",-22} {string.Join(' ', Settings.Select(s => $"{$"b{s.Batch} t{s.Threads}",7}"))} {"cosine",8} {"top-1 %",8} {"accuracy",8} {"KiB",7} {"CPU s",6} {"MiB",6}");
        foreach (QuantizedModel model in models)
        {
            List<Contestant> contestants = [new("float32", model.Path, null), .. Compiled(model), .. peer?.Quantize(model) ?? []];
            Print(model, contestants);
        }
        return 0;
    }

    private static IEnumerable<Contestant> Compiled(QuantizedModel model)
    {
        foreach (Precision precision in (Precision[])[Precision.Float32, Precision.Int8, Precision.Int8Dynamic, Precision.Int4, Precision.Float16, Precision.Auto])
        {
            string output = Path.ChangeExtension(model.Path, $".{precision}.onnx");
            if (ChildCompilation.Start(model, precision, output) is { } cost) yield return new Contestant(precision.ToString(), output, cost);
        }
    }

    private static void Print(QuantizedModel model, List<Contestant> contestants)
    {
        double[][] ratios = [.. Settings.Select(setting => Ratios(model, contestants, setting.Batch, setting.Threads))];
        using InferenceSession source = InferenceSession.Open(model.Path);
        for (int i = 0; i < contestants.Count; i++)
        {
            Contestant contestant = contestants[i];
            using InferenceSession session = InferenceSession.Open(contestant.Path);
            ComparisonResult result = OutputComparison.Run(source, session, model.Samples, 16);
            string accuracy = model.Labelled is { } labelled ? OutputComparison.Run(source, session, labelled, 16).Accuracy!.Value.B.Percent.ToString("F2", CultureInfo.InvariantCulture) : "-";
            string times = string.Join(' ', ratios.Select(r => r[i].ToString("F2", CultureInfo.InvariantCulture).PadLeft(7)));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{model.Name,-18} {contestant.Name,-22} {times} {result.Agreement.Outputs.Min(o => o.Cosine),8:F5} {100 * result.Agreement.Outputs.Min(o => o.Top1Agreement),8:F2} {accuracy,8} {new FileInfo(contestant.Path).Length / 1024,7} {contestant.Cost?.CpuSeconds,6:F1} {contestant.Cost?.PeakMiB,6:F0}"));
        }
    }

    private static double[] Ratios(QuantizedModel model, List<Contestant> contestants, int batch, int threads)
    {
        var sessions = contestants.ConvertAll(c => InferenceSession.Open(c.Path, new SessionOptions { IntraOpThreads = threads }));
        try
        {
            IReadOnlyList<(string, TensorBuffer)> inputs = [.. model.Samples.Take(batch).Read(batch).First().Inputs];
            LatencyResult result = LatencyComparison.Measure([.. sessions.Select(s => (s, inputs))], new LatencyBudget(TimeSpan.FromSeconds(0.4 * contestants.Count)));
            return [.. result.Figures.Select(f => f.Ratio)];
        }
        finally
        {
            sessions.ForEach(session => session.Dispose());
        }
    }
}

/// <summary>What compiling cost: CPU time of all threads, and the largest working set of the process.</summary>
internal sealed record CompilationCost(double CpuSeconds, double PeakMiB);

/// <summary>A model that is measured.</summary>
internal sealed record Contestant(string Name, string Path, CompilationCost? Cost);
