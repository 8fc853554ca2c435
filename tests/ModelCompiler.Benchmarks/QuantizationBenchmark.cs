using System.Diagnostics;
using System.Globalization;
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
internal static class QuantizationBenchmark
{
    /// <summary>What took this much longer than float32 for one sample is not timed on many.</summary>
    private const double Hopeless = 1.5;

    /// <summary>For every x64 processor, and for this one as the peer's are.</summary>
    private static readonly (Precision Precision, TargetCpu Cpu)[] Contestants =
        [(Precision.Int8, TargetCpu.Portable), (Precision.Int8Dynamic, TargetCpu.Portable), (Precision.Auto, TargetCpu.Portable), (Precision.Int8, TargetCpu.Native), (Precision.Auto, TargetCpu.Native)];

    private static readonly (int Batch, int Threads)[] Settings = [(1, 1), (1, 2), (32, 1), (32, 2)];

    /// <summary>Runs the models whose name contains a word, or all.</summary>
    public static int Run(string word)
    {
        long start = Stopwatch.GetTimestamp();
        string folder = Directory.CreateDirectory(Path.Combine(PublicModels.RepositoryRoot, "artifacts", "quantization")).FullName;
        PeerQuantizer? peer = PeerQuantizer.Find();
        if (peer is null) Console.WriteLine("(without the Python quantizer: build/peer.sh sets it up)");
        Console.WriteLine($"{"model",-18} {"contestant",-22} {string.Join(' ', Settings.Select(s => $"{$"b{s.Batch} t{s.Threads}",7}"))} {"cosine",8} {"top-1 %",8} {"accuracy",8} {"KiB",7} {"CPU s",6} {"MiB",6}");
        var verdicts = new List<PeerVerdict>();
        foreach (QuantizedModel model in QuantizedModel.All(folder).Where(model => model.Name.Contains(word, StringComparison.Ordinal)))
        {
            List<Contestant> contestants = [new("float32", model.Path, null), .. Compiled(model), .. peer?.Quantize(model).Where(contestant => Loads(model, contestant)) ?? []];
            List<ContestantFigures> figures = Measure(model, contestants);
            figures.ForEach(figure => Console.WriteLine($"{model.Name,-18} {figure}"));
            if (peer is null) continue;
            verdicts.Add(new PeerVerdict(model.Name, figures, "Auto"));
            verdicts.Add(new PeerVerdict(model.Name, figures, "Auto Native"));
        }
        if (verdicts.Count > 0) Console.WriteLine($"\nAuto against the best of the Python quantizer's settings\n{PeerVerdict.Header}");
        verdicts.ForEach(Console.WriteLine);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"\n{Stopwatch.GetElapsedTime(start).TotalMinutes:F1} minutes"));
        return 0;
    }

    private static IEnumerable<Contestant> Compiled(QuantizedModel model)
    {
        foreach ((Precision precision, TargetCpu cpu) in Contestants)
        {
            string name = cpu == TargetCpu.Portable ? precision.ToString() : $"{precision} {cpu}", output = Path.ChangeExtension(model.Path, $".{name.Replace(' ', '-')}.onnx");
            if (ChildCompilation.Start(model, precision, cpu, output) is { } cost) yield return new Contestant(name, output, cost);
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

    private static List<ContestantFigures> Measure(QuantizedModel model, List<Contestant> contestants)
    {
        double[] alone = Ratios(model, contestants, 1, 1);
        List<Contestant> hopeful = [.. contestants.Where((_, i) => alone[i] < Hopeless)];
        double[][] ratios = [alone, .. Settings.Skip(1).Select(setting => Spread(Ratios(model, hopeful, setting.Batch, setting.Threads)))];
        using InferenceSession source = InferenceSession.Open(model.Path);
        return contestants.ConvertAll(contestant => Figures(contestant, [.. ratios.Select(r => r[contestants.IndexOf(contestant)])]));

        double[] Spread(double[] measured) => [.. contestants.Select(contestant => hopeful.IndexOf(contestant) is >= 0 and int i ? measured[i] : double.NaN)];

        ContestantFigures Figures(Contestant contestant, double[] times)
        {
            using InferenceSession session = InferenceSession.Open(contestant.Path);
            Agreement agreement = OutputComparison.Run(source, session, model.Samples, 16).Agreement;
            double? accuracy = model.Labelled is { } labelled ? OutputComparison.Run(source, session, labelled, 16).Accuracy!.Value.B.Percent : null;
            return new ContestantFigures(contestant, times, agreement.Outputs.Min(o => o.Cosine), 100 * agreement.Outputs.Min(o => o.Top1Agreement) ?? double.NaN, accuracy);
        }
    }

    private static double[] Ratios(QuantizedModel model, List<Contestant> contestants, int batch, int threads)
    {
        var sessions = contestants.ConvertAll(c => InferenceSession.Open(c.Path, new SessionOptions { IntraOpThreads = threads }));
        try
        {
            IReadOnlyList<(string, TensorBuffer)> inputs = [.. model.Samples.Take(batch).Read(batch).First().Inputs];
            var budget = new LatencyBudget(TimeSpan.FromSeconds(0.4 * contestants.Count));
            return [.. LatencyComparison.Measure([.. sessions.Select(s => (s, inputs))], budget).Figures.Select(f => f.Ratio)];
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
