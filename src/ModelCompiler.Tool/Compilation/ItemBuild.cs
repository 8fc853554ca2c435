using ModelCompiler.Diagnostics;
using ModelCompiler.Manifests;
using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Compilation;
using ModelCompiler.Requests;
using ModelCompiler.Tool.Caching;
using ModelCompiler.Tool.Inspection;
using ModelCompiler.Tool.Reports;
using ModelCompiler.Tool.Terminal;

namespace ModelCompiler.Tool.Compilation;

/// <summary>What the log is told of an item.</summary>
internal sealed record ItemResult(string Summary, IReadOnlyList<Problem> Warnings);

/// <summary>
/// One item of a project's build. Builds that run at once take turns: at an item's outputs, which the first one makes for all, and at what
/// the cache is to hold, which is compiled once for all projects and target frameworks.
/// </summary>
internal sealed class ItemBuild(ModelCompilation compilation, CompilationCache? cache, IProgress<string> progress)
{
    private const string LockName = ".modelc.lock";

    /// <summary>Brings the outputs up to date.</summary>
    /// <exception cref="CompilerException">The model, the data or the settings are at fault, a budget is missed, or the outputs cannot be written.</exception>
    public ItemResult Run(CancellationToken cancellationToken)
    {
        using FileLock mine = FileLock.Acquire(
            Path.Combine(compilation.OutputDirectory, LockName), () => progress.Report("waiting for another build of this project"), cancellationToken);
        if (Done() is { } done)
        {
            // One that was killed before it replaced anything has left a folder beside the outputs.
            WorkingFolder.RemoveAbandoned(compilation.OutputDirectory);
            return new ItemResult($"{compilation.Name}: another build has made it", [.. done.Warnings.Select(warning => Problem.Warning(warning.Code, warning.Text))]);
        }
        CompilationSource source = compilation.ReadSource(progress);
        if (cache is null) return Compile(source, cancellationToken);
        string key = KeyOf(source.Files);
        using FileLock? ours = cache.Lock(key, cancellationToken);
        return Restore(key, source, cancellationToken) ?? CompileFor(key, source, cancellationToken);
    }

    private OutputStamp? Done()
    {
        string stamp = Path.Combine(compilation.OutputDirectory, OutputStamp.FileName(compilation.Name));
        if (!File.Exists(stamp)) return null;
        OutputStamp last = OutputStamp.Parse(File.ReadAllText(stamp));
        return last.Stamp == compilation.Stamp && last.IsIntact(compilation.OutputDirectory) ? last : null;
    }

    private ItemResult? Restore(string key, CompilationSource source, CancellationToken cancellationToken)
    {
        using var folder = WorkingFolder.Create(compilation.OutputDirectory);
        if (cache!.Take(key, folder) is not { } entry) return null;
        string manifest = folder.PathOf(compilation.Files.Manifest);
        if (!ManifestReader.TryRead(File.ReadAllText(manifest), out ModelManifest? read, out string? error))
            throw DiagnosticTable.ManifestInvalid.Error(manifest, error);
        if (entry.Plan is { } plan && !source.HasPlan) source = WritePlan(plan, source);
        // The names of the generated type are this project's, and no part of what is cached.
        folder.Write(compilation.Files.Manifest, ManifestWriter.Write(ManifestBuilder.Present(read, compilation)));
        IReadOnlyList<Problem> warnings = compilation.Settings.IsAccelerated ? CheckAgain(entry.Warnings, read, folder, cancellationToken) : entry.Warnings;
        compilation.Publish(folder, [.. folder.Files(compilation.Files.DataPrefix).Select(path => Path.GetFileName(path))], source.Fingerprints, warnings);
        return new ItemResult(entry.Summary + ", from the cache", warnings);
    }

    /// <summary>Drivers come and go while an entry stays: what a program would meet at start is asked of this machine again.</summary>
    private Problem[] CheckAgain(IReadOnlyList<Problem> cached, ModelManifest manifest, WorkingFolder folder, CancellationToken cancellationToken)
    {
        PlacementReport placement = new ProviderCheck(compilation, folder, progress, cancellationToken).Run([manifest.Model, .. manifest.ExternalData]);
        IEnumerable<Problem> now = PlacementCheck.Check(compilation.Settings, placement).Select(warning => Problem.Warning(warning.Code, warning.Message));
        return [.. cached.Where(problem => !PlacementCheck.Codes.Contains(problem.Code)), .. now];
    }

    private ItemResult CompileFor(string key, CompilationSource source, CancellationToken cancellationToken)
    {
        ItemResult result = Compile(source, cancellationToken);
        CompilationSource after = CompilationSource.Read(compilation.Source, compilation.Settings);
        bool wrotePlan = compilation.Settings.Precision == Precision.Auto && !source.HasPlan && after.HasPlan;
        // A file that was written meanwhile belongs to another key.
        if (KeyOf(wrotePlan ? after.FilesWithoutPlan : after.Files) != key) return result;
        string? plan = wrotePlan ? File.ReadAllText(PlanFile.PathOf(compilation.Source)) : null;
        Store(key, result, plan);
        // The next build of this checkout has the plan, and gets the same.
        if (wrotePlan) Store(KeyOf(after.Files), result, plan: null);
        return result;
    }

    private void Store(string key, ItemResult result, string? plan)
    {
        IEnumerable<string> names = Directory.EnumerateFiles(compilation.OutputDirectory).Select(path => Path.GetFileName(path)!);
        string[] data = [.. names.Where(name => name.StartsWith(compilation.Files.DataPrefix, StringComparison.Ordinal))];
        cache!.Store(key, compilation.OutputDirectory, [.. data, .. compilation.Files.All], result, plan);
    }

    private CompilationSource WritePlan(string text, CompilationSource source)
    {
        string path = PlanFile.PathOf(compilation.Source);
        progress.Report($"writing {path}");
        PlanFile.Write(path, text);
        return source.WithPlan(path);
    }

    private string KeyOf(IReadOnlyList<InputFile> files) => CacheKey.Of(compilation.Name, compilation.Settings, files, CpuReport.Detect());

    private ItemResult Compile(CompilationSource source, CancellationToken cancellationToken)
    {
        CompileReport report = compilation.Run(source, progress, cancellationToken);
        return new ItemResult(Summary(report), report.Diagnostics);
    }

    private static string Summary(CompileReport report)
    {
        string accuracy = report.Accuracy is { } share ? $", accuracy {Figures.Percent(share.A)} -> {Figures.Percent(share.B)}" : "";
        string latency = report.LatencyRatio is { } ratio ? $", latency ratio {Figures.Ratio(ratio)}" : "";
        return $"{report.Name}: {report.PrecisionText}, {Figures.Bytes(report.SourceBytes)} -> {Figures.Bytes(report.Bytes)}{accuracy}{latency}";
    }
}
