using System.Diagnostics;
using ModelCompiler.Diagnostics;
using ModelCompiler.Manifests;
using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Compilation;
using ModelCompiler.Optimizer.Sessions;
using ModelCompiler.Optimizer.Targets;
using ModelCompiler.Requests;
using ModelCompiler.Tool.Inspection;
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

    public OutputNames Files => new(Name);

    /// <summary>Compiles and publishes.</summary>
    /// <exception cref="CompilerException">The model, the data or the settings are at fault, a budget is missed, or the outputs cannot be written.</exception>
    public CompileReport Run(IProgress<string> progress, CancellationToken cancellationToken) => Run(ReadSource(progress), progress, cancellationToken);

    /// <summary>Reads the model and hashes all that a compilation reads.</summary>
    /// <exception cref="CompilerException">The model cannot be read, or is not the one that the item pins.</exception>
    public CompilationSource ReadSource(IProgress<string> progress)
    {
        progress.Report($"reading {Source}");
        CompilationSource source = CompilationSource.Read(Source, Settings);
        if (Settings.Sha256 is { } pinned && pinned != source.File.Sha256) throw DiagnosticTable.ModelChanged.ErrorIn(Source, source.File.Sha256, pinned);
        return source;
    }

    /// <summary>Compiles a model that was read, which is changed, and publishes.</summary>
    /// <exception cref="CompilerException">The data or the settings are at fault, a budget is missed, or the outputs cannot be written.</exception>
    public CompileReport Run(CompilationSource source, IProgress<string> progress, CancellationToken cancellationToken)
    {
        long start = Stopwatch.GetTimestamp();
        Signature signature = Signature.Apply(source.Model, Settings, progress);
        PlanFile? plan = PlanFile.Find(Source, PlanFile.SubjectOf(source, Settings), Settings.Precision);
        if (plan is not null) progress.Report($"following {PlanFile.PathOf(Source)}: nothing is searched for");
        CompileResult result = Compiler.Compile(source.Model, Options() with { Plan = plan?.Plan }, progress, cancellationToken);
        if (plan?.OtherObjective(Settings) is { } other) result = result with { Warnings = [.. result.Warnings, other] };

        progress.Report($"writing {OutputDirectory}");
        using var folder = WorkingFolder.Create(OutputDirectory);
        if (Settings.IsAccelerated) ShapeNodes.Name(result.Model.Graph);
        OnnxWriter.Write(result.Model, folder.PathOf(Files.Model));
        ManifestFile compiled = FileFacts.Of(folder.PathOf(Files.Model));
        ManifestFile[] data = [.. folder.Files(Files.DataPrefix).Select(FileFacts.Of)];
        PlacementReport? placement = Settings.IsAccelerated ? new ProviderCheck(this, folder, progress, cancellationToken).Run([compiled, .. data]) : null;
        if (placement is not null) result = result with { Warnings = [.. result.Warnings, .. PlacementCheck.Check(Settings, placement)] };
        if (Settings.IsEmbedded && data.Length > 0) throw DiagnosticTable.EmbeddedTooLarge.Error();
        long bytes = compiled.Bytes + data.Sum(file => file.Bytes);
        new Budgets(Settings, result, isPlanned: plan is not null).Check(bytes, source.Bytes);
        // What misses a budget is nothing that later builds should follow.
        if (Settings.Precision == Precision.Auto && plan is null) source = WritePlan(source, result.Plan, progress);
        CompileReport report = CompileReport.Create(this, result, source.Bytes, bytes, Stopwatch.GetElapsedTime(start)) with { Placement = placement };
        folder.Write(Files.ReportJson, JsonText.Of(report));
        folder.Write(Files.ReportHtml, HtmlReport.Of(report));
        folder.Write(Files.Provenance, JsonText.Of(Provenance.Create(this, source, report, [compiled, .. data])));
        folder.Write(Files.Manifest, ManifestWriter.Write(new ManifestBuilder(this, result.Model, signature, placement?.ShapeNodes ?? []).Build(compiled, data, source.File.ToManifest()) with
        {
            Precision = result.Plan.Precision.ToString(),
            NeedsExactIntegers = ExactIntegers.AreNeeded(result.Model),
        }));
        // The last moment to stop: from here on the outputs of the run before are replaced.
        cancellationToken.ThrowIfCancellationRequested();
        Publish(folder, [.. folder.Files(Files.DataPrefix).Select(path => Path.GetFileName(path))], source.Fingerprints, report.Diagnostics);
        return report with
        {
            Source = Source,
            Model = Path.Combine(OutputDirectory, Files.Model),
            Manifest = Path.Combine(OutputDirectory, Files.Manifest),
            Report = Path.Combine(OutputDirectory, Files.ReportHtml),
        };
    }

    /// <summary>Measures, and writes what was decided beside the model; a plan that is there is replaced.</summary>
    /// <returns>What was measured.</returns>
    public CompileResult Tune(IProgress<string> progress, CancellationToken cancellationToken)
    {
        CompilationSource source = ReadSource(progress);
        Signature.Apply(source.Model, Settings, progress);
        CompileResult result = Compiler.Compile(source.Model, Options() with { IsTuning = true }, progress, cancellationToken);
        WritePlan(source, result.Plan, progress);
        return result;
    }

    /// <summary>Publishes a provisional manifest, made from the model's signature alone: types for an IDE before the first build.</summary>
    /// <exception cref="CompilerException">The model or the settings are at fault; an empty manifest is left, so that nobody asks again before something changes.</exception>
    public void Describe(IProgress<string> progress)
    {
        string manifest = "";
        string[] fingerprints = [];
        using var folder = WorkingFolder.Create(OutputDirectory);
        try
        {
            Model model = OnnxReader.Read(Source);
            fingerprints = [.. ExternalDataFiles.Of(model).Select(OutputStamp.InputEntry)];
            Signature signature = Signature.Apply(model, Settings, progress);
            manifest = ManifestWriter.Write(new ManifestBuilder(this, model, signature, []).BuildProvisional());
        }
        finally
        {
            folder.Write(SignatureFiles.Manifest(Name), manifest);
            folder.Write(SignatureFiles.Stamp(Name), new OutputStamp(Stamp ?? "", [SignatureFiles.Manifest(Name)], fingerprints).Write());
            folder.Publish(SignatureFiles.Manifest(Name), SignatureFiles.Stamp(Name));
        }
    }

    /// <summary>
    /// Moves the outputs to their place. The old stamp goes first and the new one comes last: it vouches for the build, and a run that is killed in between
    /// leaves none.
    /// </summary>
    /// <param name="folder">Where the outputs were written.</param>
    /// <param name="data">Names of the external data.</param>
    /// <param name="fingerprints">Of files that the next build looks at beyond those that the item names.</param>
    /// <param name="warnings">What the next build repeats.</param>
    public void Publish(WorkingFolder folder, IReadOnlyList<string> data, IReadOnlyList<string> fingerprints, IReadOnlyList<Problem> warnings)
    {
        string[] names = [.. data, .. Files.All];
        string stamp = OutputStamp.FileName(Name);
        folder.RemovePublished(stamp, except: []);
        folder.RemovePublished(Name + SignatureFiles.Infix, except: []);
        // External data of an earlier build that nothing refers to any more would travel with the program.
        folder.RemovePublished(Files.DataPrefix, except: data);
        folder.Publish(names);
        if (Stamp is null) return;
        folder.Write(stamp, new OutputStamp(Stamp, names, fingerprints) { Warnings = [.. warnings.Select(warning => (warning.Code, warning.Message))] }.Write());
        folder.Publish(stamp);
    }

    private CompilationSource WritePlan(CompilationSource source, CompilationPlan plan, IProgress<string> progress)
    {
        string path = PlanFile.PathOf(Source);
        progress.Report($"writing {path}");
        PlanFile.Of(source, Settings, plan).Write(path);
        return source.WithPlan(path);
    }

    private CompileOptions Options() => new()
    {
        Precision = Settings.Precision,
        Target = ProviderTargets.Of(Settings.ExecutionProviders[0], Settings.TargetCpu),
        CalibrationPath = Settings.Calibration,
        EvaluationPath = Settings.Evaluation,
        MaxAccuracyDrop = Settings.MaxAccuracyDrop,
        MaxBytes = Settings.MaxSizeMB * Budgets.BytesPerMB,
        MaxLatencyRatio = Settings.MaxLatencyRatio,
        MinAccuracy = Settings.MinAccuracy,
        Objective = Settings.Objective,
        TuningBudget = Settings.TuningBudget,
    };
}
