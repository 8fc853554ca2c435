using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using ModelCompiler.Benchmarks.Accuracy;
using ModelCompiler.Optimizer.Compilation;
using ModelCompiler.Optimizer.Measurement;
using ModelCompiler.Optimizer.Targets;
using ModelCompiler.Runtime;
using ModelCompiler.Tests;

namespace ModelCompiler.Benchmarks;

/// <summary>
/// The precisions against float32, and against the Python quantizer where build/peer.sh has set it up: time ratios at batch 1 and 32 with one
/// and two threads, all contestants in turns; agreement or accuracy; size; CPU seconds and peak memory of each compilation, in its own process.
/// </summary>
internal sealed class QuantizationBenchmark
{
    /// <summary>Samples without labels that outputs are compared on.</summary>
    private const int ComparedSamples = 16;

    /// <summary>For every x64 processor, and for this one, as the peer's are.</summary>
    private static readonly (Precision Precision, TargetCpu Cpu)[] Contestants =
    [
        (Precision.Int8, TargetCpu.Portable),
        (Precision.Int8Dynamic, TargetCpu.Portable),
        (Precision.Auto, TargetCpu.Portable),
        // Where this processor has neither VNNI nor tiles, the same again.
        .. TargetProfile.Cpu(TargetCpu.Native) is { SaturatesPairs: true, HasTiles: false } ? [] : ((Precision, TargetCpu)[])[(Precision.Int8, TargetCpu.Native)],
    ];

    private readonly PeerQuantizer? _peer = PeerQuantizer.Find();
    private readonly bool _isQuick;
    private readonly List<PeerVerdict> _verdicts = [];
    private readonly List<ProductFloor> _floors = [];

    private QuantizationBenchmark(bool isQuick) => _isQuick = isQuick;

    /// <summary>Runs the models whose name contains a word, or all, or those of a folder.</summary>
    /// <param name="wordOrFolder">The word, empty for all, or the folder.</param>
    /// <param name="isQuick">Whether times may be off by several percent, and what is slow on many samples is timed on one only.</param>
    public static int Run(string wordOrFolder, bool isQuick)
    {
        long start = Stopwatch.GetTimestamp();
        string folder = Directory.CreateDirectory(Path.Combine(PublicModels.RepositoryRoot, "artifacts", "quantization")).FullName;
        var benchmark = new QuantizationBenchmark(isQuick);
        if (benchmark._peer is null) Console.WriteLine("(without the Python quantizer: build/peer.sh sets it up)");
        Console.WriteLine($"{"model",-18} {ContestantFigures.Header}");
        foreach (QuantizedModel model in QuantizedModel.Of(folder, wordOrFolder))
        {
            benchmark.Run(model);
            Say($"{Stopwatch.GetElapsedTime(start).TotalMinutes.ToString("F1", CultureInfo.InvariantCulture)} minutes so far");
        }
        PeerVerdict.Print(benchmark._verdicts);
        ProductFloor.Print(benchmark._floors);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"\n{Stopwatch.GetElapsedTime(start).TotalMinutes:F1} minutes"));
        return 0;
    }

    private void Run(QuantizedModel model)
    {
        List<Contestant> contestants = [new("float32", model.Path, null), .. Compiled(model)];
        Say($"{model.Name}: the Python quantizer");
        contestants.AddRange(_peer?.Quantize(model).Where(contestant => Loads(model, contestant)) ?? []);
        List<ContestantFigures> figures = Measure(model, contestants);
        figures.ForEach(figure => Console.WriteLine($"{model.Name,-18} {figure}"));
        if (_peer is null) return;
        _verdicts.AddRange(PeerVerdict.Of(model.Name, figures));
        if (ProductFloor.Of(model, figures) is { } floor) _floors.Add(floor);
    }

    private static IEnumerable<Contestant> Compiled(QuantizedModel model)
    {
        foreach ((Precision precision, TargetCpu cpu) in Contestants)
        {
            Say($"{model.Name}: compiling, {precision} {cpu}");
            if (ChildCompilation.Run(model, precision, cpu) is { } compiled) yield return compiled;
        }
    }

    /// <summary>The peer does not try what it writes.</summary>
    private static bool Loads(QuantizedModel model, Contestant contestant)
    {
        try
        {
            InferenceSession.Open(contestant.Path).Dispose();
            return true;
        }
        catch (OnnxRuntimeException e)
        {
            Console.WriteLine($"{model.Name,-18} {contestant.Name,-22} does not load: {e.Message.Split('\n')[0]}");
            return false;
        }
    }

    /// <summary>Equal files, such as what Auto chose and the precision that it chose, are measured once.</summary>
    private List<ContestantFigures> Measure(QuantizedModel model, List<Contestant> contestants)
    {
        IGrouping<string, Contestant>[] files = [.. contestants.GroupBy(contestant => Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(contestant.Path))))];
        string[] paths = [.. files.Select(file => file.First().Path)];
        Say($"{model.Name}: comparing {paths.Length} models");
        OutputFigures[] outputs = Outputs(model, paths);
        Say($"{model.Name}: timing");
        var timing = new ContestantTimes(model.Samples, paths, _isQuick);
        double[][] times = timing.Measure();
        return contestants.ConvertAll(contestant =>
        {
            int index = Array.FindIndex(files, file => file.Contains(contestant));
            return new ContestantFigures(contestant, times[index], timing.Milliseconds[index], outputs[index]);
        });
    }

    private static OutputFigures[] Outputs(QuantizedModel model, string[] paths)
    {
        using InferenceSession source = InferenceSession.Open(model.Path);
        var answers = new ReferenceRuns(64 << 20);
        TestedSamples? tested = model.Evaluation is null ? null : TestedSamples.AsInTraining(model);
        AnswerSheet? right = tested is null ? null : AnswerSheet.Of(model.Path, tested, null);
        AnswerSheet?[] sheets = [.. paths.AsParallel().AsOrdered().Select(path => tested is null || path == model.Path ? right : AnswerSheet.Of(path, tested, right))];
        return [.. paths.Zip(sheets, (path, sheet) =>
        {
            using InferenceSession session = InferenceSession.Open(path);
            Agreement agreement = OutputComparison.Run(source, session, model.Samples.Take(ComparedSamples), ComparedSamples, answers).Agreement;
            return new OutputFigures(agreement.Outputs.Min(o => o.Cosine), 100 * agreement.Outputs.Min(o => o.Top1Agreement) ?? double.NaN, sheet);
        })];
    }

    /// <summary>What is being done, apart from the results.</summary>
    private static void Say(string text) => Console.Error.WriteLine("  " + text);
}

/// <summary>What compiling cost: CPU time of all threads, and the largest working set of the process.</summary>
internal sealed record CompilationCost(double CpuSeconds, double PeakMiB);

/// <summary>A model that is measured.</summary>
internal sealed record Contestant(string Name, string Path, CompilationCost? Cost);
