using ModelCompiler.Optimizer.Compilation;
using ModelCompiler.Optimizer.Targets;

namespace ModelCompiler.Benchmarks;

/// <summary>A compilation by modelc, as a build does it; without labels, which the peer does not get either.</summary>
internal static class ChildCompilation
{
    /// <summary>What takes longer is no answer that a build can wait for.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);

    private const string TuningBudget = "30s";

    /// <summary>Compiles and waits; null where the precision does not apply to the model, or takes too long, which is said.</summary>
    public static Contestant? Run(QuantizedModel model, Precision precision, TargetCpu cpu)
    {
        string name = cpu == TargetCpu.Portable ? $"{precision}" : $"{precision} {cpu}", folder = Path.Combine(Path.GetDirectoryName(model.Path)!, model.Name), plan = Path.ChangeExtension(model.Path, ".plan.json");
        // What an earlier run found out is to be found out again.
        File.Delete(plan);
        ToolRun run = ToolRun.Of(
            Limit, "compile", model.Path, "--precision", $"{precision}", "--target-cpu", $"{cpu}", "--calibration", model.Calibration, "--tuning-budget", TuningBudget, "--name", name, "-o", folder);
        File.Delete(plan);
        if (run.ExitCode == 0) return new Contestant(name, Path.Combine(folder, name + ".onnx"), new CompilationCost(run.CpuSeconds, run.PeakMiB));
        Console.WriteLine($"{model.Name,-18} {name,-22} {(run.ExitCode is null ? $"not done after {Limit.TotalMinutes} minutes of processor time" : run.Error.Trim().Split('\n')[^1])}");
        return null;
    }
}
