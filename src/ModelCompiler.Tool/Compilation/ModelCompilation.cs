using System.Diagnostics;
using ModelCompiler.Diagnostics;
using ModelCompiler.Manifests;
using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Compilation;
using ModelCompiler.Optimizer.Signature;
using ModelCompiler.Optimizer.Targets;
using ModelCompiler.Requests;
using ModelCompiler.Tool.Reports;
using ModelCompiler.Tool.Settings;
using ModelCompiler.Tool.Terminal;

namespace ModelCompiler.Tool.Compilation;

/// <summary>One model from its file to the published outputs: what <c>compile</c> and <c>build</c> share.</summary>
internal sealed record ModelCompilation
{
    /// <summary>Path of the model.</summary>
    public required string Source { get; init; }

    /// <summary>Base name of the outputs.</summary>
    public required string Name { get; init; }

    public required string OutputDirectory { get; init; }

    public required ItemSettings Settings { get; init; }

    /// <summary>The namespace where the settings name none.</summary>
    public string RootNamespace { get; init; } = "";

    /// <summary>First line of the stamp that a build leaves; null where there is no build.</summary>
    public string? Stamp { get; init; }

    public string ManifestFileName => Name + ".model.json";

    private string ModelFileName => Name + ".onnx";

    /// <summary>Compiles and publishes.</summary>
    /// <exception cref="CompilerException">The model, the data or the settings are at fault, a budget is missed, or the outputs cannot be written.</exception>
    public CompileReport Run(IProgress<string> progress, CancellationToken cancellationToken)
    {
        long start = Stopwatch.GetTimestamp();
        progress.Report($"reading {Source}");
        Model model = OnnxReader.Read(Source);
        ManifestFile source = FileFacts.Of(Source);
        if (Settings.Sha256 is { } pinned && pinned != source.Sha256) throw DiagnosticTable.ModelChanged.ErrorIn(Source, source.Sha256, pinned);
        ManifestFile[] externalSource = [.. ExternalDataFiles.Of(model).Select(FileFacts.Of)];
        // Before the compilation, so that a file that changes meanwhile is seen by the next build.
        string[] readFiles = [.. ExternalDataFiles.Of(model).Select(OutputStamp.InputEntry)];
        ChangeSignature(model, progress);
        CompileResult result = Compiler.Compile(model, Options(), progress, cancellationToken);

        progress.Report($"writing {OutputDirectory}");
        using var folder = WorkingFolder.Create(OutputDirectory);
        OnnxWriter.Write(result.Model, folder.PathOf(ModelFileName));
        ManifestFile compiled = FileFacts.Of(folder.PathOf(ModelFileName));
        ManifestFile[] data = [.. folder.Files(ModelFileName + ".").Select(FileFacts.Of)];
        long bytes = compiled.Bytes + data.Sum(file => file.Bytes);
        Budgets.Check(Settings, result, bytes);
        long sourceBytes = source.Bytes + externalSource.Sum(file => file.Bytes);
        CompileReport report = CompileReport.Create(this, result, sourceBytes, bytes, Stopwatch.GetElapsedTime(start));
        folder.Write(ReportFile(".json"), JsonText.Of(report));
        folder.Write(ReportFile(".html"), HtmlReport.Of(report));
        folder.Write(ManifestFileName, ManifestWriter.Write(new ManifestBuilder(this, result).Build(compiled, data, source)));
        // The last moment to stop: from here on the outputs of the run before are replaced.
        cancellationToken.ThrowIfCancellationRequested();
        Publish(folder, [.. data.Select(file => file.Name)], readFiles);
        return report with
        {
            Model = Path.Combine(OutputDirectory, ModelFileName),
            Manifest = Path.Combine(OutputDirectory, ManifestFileName),
            Report = Path.Combine(OutputDirectory, ReportFile(".html")),
        };
    }

    public string ReportFile(string extension) => Name + ".report" + extension;

    /// <summary>Before anything is measured: what is compared with is the model as the item wants it to look.</summary>
    private void ChangeSignature(Model model, IProgress<string> progress)
    {
        if (Settings.Outputs.Count > 0)
        {
            IReadOnlyList<string> removed = OutputSelection.Apply(model, Settings.Outputs);
            if (removed.Count > 0) progress.Report($"not needed for these outputs: {string.Join(", ", removed)}");
        }
        if (Settings.Dimensions.Count > 0) DimensionFixing.Apply(model, Settings.Dimensions);
    }

    private CompileOptions Options() => new()
    {
        Precision = Settings.Precision,
        Target = TargetProfile.Cpu(Settings.TargetCpu),
        CalibrationPath = Settings.Calibration,
        EvaluationPath = Settings.Evaluation,
        MaxAccuracyDrop = Settings.MaxAccuracyDrop,
    };

    /// <summary>The manifest vouches for the other files and comes after them; the stamp vouches for the build and comes last.</summary>
    private void Publish(WorkingFolder folder, string[] data, string[] readFiles)
    {
        string[] names = [.. data, ModelFileName, ReportFile(".json"), ReportFile(".html"), ManifestFileName];
        // External data of an earlier build that nothing refers to any more would travel with the program.
        folder.RemovePublished(ModelFileName + ".", except: data);
        folder.Publish(names);
        if (Stamp is null) return;
        folder.Write(OutputStamp.FileName(Name), new OutputStamp(Stamp, names, readFiles).Write());
        folder.Publish(OutputStamp.FileName(Name));
    }
}
