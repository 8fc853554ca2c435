using ModelCompiler.Manifests;
using ModelCompiler.Runtime;
using ModelCompiler.Tool.Compilation;
using ModelCompiler.Tool.Settings;

namespace ModelCompiler.Tool.Reports;

/// <summary>
/// Where a compiled model comes from: what was read, by what it was made and with which settings, what was done and measured, and what came of it. Files are known
/// by their hashes and never by a path of the machine. <c>modelc verify</c> recomputes it.
/// </summary>
internal sealed record Provenance
{
    public const int CurrentVersion = 1;

    public int SchemaVersion { get; init; } = CurrentVersion;

    public required string Name { get; init; }

    public required ToolFacts Tool { get; init; }

    /// <summary>Every file that was read, the model first.</summary>
    public required IReadOnlyList<InputFile> Inputs { get; init; }

    /// <summary>The settings that change the model, as they were written; those that name files are among the inputs.</summary>
    public required IReadOnlyDictionary<string, string> Settings { get; init; }

    /// <summary>How many changes each pass made, in the order of their first.</summary>
    public required IReadOnlyList<PassCount> Passes { get; init; }

    public required MeasuredFigures Measured { get; init; }

    /// <summary>The compiled model and its external data.</summary>
    public required IReadOnlyList<ManifestFile> Outputs { get; init; }

    public static Provenance Create(ModelCompilation compilation, CompilationSource source, CompileReport report, IReadOnlyList<ManifestFile> outputs) => new()
    {
        Name = compilation.Name,
        Tool = ToolFacts.Current,
        Inputs = source.Files,
        Settings = new SortedDictionary<string, string>(SettingTexts(compilation.Settings), StringComparer.Ordinal),
        Passes = [.. report.Passes.Where(line => line.Applied).GroupBy(line => line.Pass).Select(group => new PassCount(group.Key, group.Count()))],
        Measured = new MeasuredFigures(report.Accuracy, report.Agreement, report.LatencyRatio),
        Outputs = outputs,
    };

    /// <summary>What changes a compiled model, as far as it is no file.</summary>
    public static Dictionary<string, string> SettingTexts(ItemSettings settings) =>
        settings.Given.Where(setting => setting.Paths.Count == 0 && !setting.Setting.IsPresentation).ToDictionary(setting => setting.Name, setting => setting.Text);
}

/// <summary>What compiled: this program and the ONNX Runtime that it measured with.</summary>
/// <param name="Name">Always <c>modelc</c>.</param>
/// <param name="Version">Its version.</param>
/// <param name="Modules">Version ids of its assemblies, which change with every change of their code.</param>
/// <param name="OnnxRuntime">Version of the native library.</param>
/// <param name="OnnxRuntimeBuild">Commit and build flags of the native library.</param>
/// <param name="Architecture">Of the processor.</param>
internal sealed record ToolFacts(string Name, string Version, IReadOnlyList<string> Modules, string OnnxRuntime, string OnnxRuntimeBuild, string Architecture)
{
    private static readonly Type[] Parts = [typeof(Program), typeof(Optimizer.Compilation.Compiler), typeof(Onnx.OnnxReader), typeof(OrtEnvironment)];

    public static ToolFacts Current => new(
        "modelc",
        Terminal.ToolVersion.Text,
        [.. Parts.Select(part => $"{part.Assembly.GetName().Name} {part.Module.ModuleVersionId:n}")],
        OrtEnvironment.Version,
        OrtEnvironment.BuildInfo,
        System.Runtime.InteropServices.RuntimeInformation.ProcessArchitecture.ToString());
}

/// <summary>How often a pass changed the graph.</summary>
internal sealed record PassCount(string Pass, int Changes);

/// <summary>What was measured on the machine that compiled; null where there was nothing to measure with.</summary>
internal sealed record MeasuredFigures(AccuracyDocument? Accuracy, AgreementDocument? Agreement, double? LatencyRatio);
