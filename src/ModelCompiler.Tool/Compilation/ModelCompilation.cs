using System.Diagnostics;
using ModelCompiler.Diagnostics;
using ModelCompiler.Manifests;
using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Compilation;
using ModelCompiler.Optimizer.Signature;
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
        CompilationInput input = Open(progress);
        CompilationPlan? plan = FindPlan(input.Subject);
        CompileResult result = Compiler.Compile(input.Model, Options() with { Plan = plan }, progress, cancellationToken);
        if (Settings.Precision == Precision.Auto && plan is null) WritePlan(input.Subject, result.Plan, progress);

        progress.Report($"writing {OutputDirectory}");
        using var folder = WorkingFolder.Create(OutputDirectory);
        OnnxWriter.Write(result.Model, folder.PathOf(ModelFileName));
        ManifestFile compiled = FileFacts.Of(folder.PathOf(ModelFileName));
        ManifestFile[] data = [.. folder.Files(ModelFileName + ".").Select(FileFacts.Of)];
        long bytes = compiled.Bytes + data.Sum(file => file.Bytes);
        Budgets.Check(Settings, result, bytes);
        long sourceBytes = input.File.Bytes + input.ExternalFiles.Sum(file => file.Bytes);
        CompileReport report = CompileReport.Create(this, result, sourceBytes, bytes, Stopwatch.GetElapsedTime(start));
        folder.Write(ReportFile(".json"), JsonText.Of(report));
        folder.Write(ReportFile(".html"), HtmlReport.Of(report));
        folder.Write(ManifestFileName, ManifestWriter.Write(new ManifestBuilder(this, result).Build(compiled, data, input.File)));
        // The last moment to stop: from here on the outputs of the run before are replaced.
        cancellationToken.ThrowIfCancellationRequested();
        Publish(folder, [.. data.Select(file => file.Name)], [.. input.ReadFiles, OutputStamp.InputEntry(PlanFile.PathOf(Source))]);
        return report with
        {
            Model = Path.Combine(OutputDirectory, ModelFileName),
            Manifest = Path.Combine(OutputDirectory, ManifestFileName),
            Report = Path.Combine(OutputDirectory, ReportFile(".html")),
        };
    }

    /// <summary>Measures, and writes what was decided beside the model; a plan that is there is replaced.</summary>
    /// <returns>What was measured.</returns>
    public CompileResult Tune(IProgress<string> progress, CancellationToken cancellationToken)
    {
        CompilationInput input = Open(progress);
        CompileResult result = Compiler.Compile(input.Model, Options(), progress, cancellationToken);
        WritePlan(input.Subject, result.Plan, progress);
        return result;
    }

    public string ReportFile(string extension) => Name + ".report" + extension;

    private CompilationInput Open(IProgress<string> progress)
    {
        progress.Report($"reading {Source}");
        Model model = OnnxReader.Read(Source);
        ManifestFile file = FileFacts.Of(Source);
        if (Settings.Sha256 is { } pinned && pinned != file.Sha256) throw DiagnosticTable.ModelChanged.ErrorIn(Source, file.Sha256, pinned);
        ManifestFile[] externalFiles = [.. ExternalDataFiles.Of(model).Select(FileFacts.Of)];
        // Before the compilation, so that a file that changes meanwhile is seen by the next build.
        string[] readFiles = [.. ExternalDataFiles.Of(model).Select(OutputStamp.InputEntry)];
        ChangeSignature(model, progress);
        string subject = PlanFile.SubjectOf([file.Sha256, .. externalFiles.Select(external => external.Sha256)], Settings);
        return new CompilationInput(model, file, externalFiles, readFiles, subject);
    }

    /// <summary>The plan beside the model, where it decides what the settings leave open.</summary>
    private CompilationPlan? FindPlan(string subject) => PlanFile.Find(Source, subject, Settings.Precision);

    private void WritePlan(string subject, CompilationPlan plan, IProgress<string> progress)
    {
        string path = PlanFile.PathOf(Source);
        progress.Report($"writing {path}");
        new PlanFile(subject, plan).Write(path);
    }

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
        CalibrationPath = Settings.Calibration,
        EvaluationPath = Settings.Evaluation,
        MaxAccuracyDrop = Settings.MaxAccuracyDrop,
        Objective = Settings.Objective,
        TuningBudget = Settings.TuningBudget,
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

    /// <summary>What a compilation starts from: the model with the signature that is wanted, its files, and what a plan for it is made for.</summary>
    private sealed record CompilationInput(Model Model, ManifestFile File, ManifestFile[] ExternalFiles, string[] ReadFiles, string Subject);
}
