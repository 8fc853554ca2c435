using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Text;
using ModelCompiler.Diagnostics;
using ModelCompiler.Generator.Emission;
using ModelCompiler.Generator.Signatures;
using ModelCompiler.Manifests;

namespace ModelCompiler.Generator;

/// <summary>
/// Emits a predictor for each manifest among the additional files. A pure function of their text and of the libraries that the program references:
/// it never opens a model or any other file, because it runs in the IDE at every keystroke.
/// </summary>
[Generator(LanguageNames.CSharp)]
public sealed class PredictorGenerator : IIncrementalGenerator
{
    /// <summary>The step that turns a manifest's text into a predictor's model.</summary>
    internal const string ReadStep = "Read";

    /// <summary>The step that leaves out predictors whose names are taken.</summary>
    internal const string DistinctStep = "Distinct";

    private const string ManifestMetadata = "build_metadata.AdditionalFiles.ModelCompilerManifest";
    private const int MaxManifestLength = 16 << 20;

    /// <inheritdoc/>
    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        var manifests = context.AdditionalTextsProvider
            .Combine(context.AnalyzerConfigOptionsProvider)
            .Where(pair => IsManifest(pair.Left, pair.Right))
            .Select((pair, _) => pair.Left);
        var predictors = manifests.Select((file, cancellation) => (file.Path, Result: Read(file, cancellation))).WithTrackingName(ReadStep);
        var taken = predictors.Collect().Select((all, _) => TakenNames.Find(all.Select(p => p.Result.Model))).WithTrackingName(DistinctStep);
        var libraries = context.CompilationProvider.Select((compilation, _) => HostLibraries.Of(compilation));
        context.RegisterSourceOutput(
            predictors.Combine(taken).Combine(libraries), (output, pair) => Emit(output, pair.Left.Left.Path, pair.Left.Left.Result, pair.Left.Right, pair.Right));
    }

    private static bool IsManifest(AdditionalText file, AnalyzerConfigOptionsProvider options) =>
        options.GetOptions(file).TryGetValue(ManifestMetadata, out string? value) && string.Equals(value, "true", StringComparison.OrdinalIgnoreCase);

    private static PredictorResult Read(AdditionalText file, CancellationToken cancellation)
    {
        if (file.GetText(cancellation) is not { Length: <= MaxManifestLength } text)
        {
            return Failed(file, "it is missing or too large");
        }

        return ManifestReader.TryRead(text.ToString(), out var manifest, out string? error) ? SignatureReader.Read(manifest) : Failed(file, error);
    }

    private static PredictorResult Failed(AdditionalText file, string reason) =>
        new(null, new([ReportedDiagnostic.Of(DiagnosticTable.ManifestInvalid, file.Path, reason)]));

    private static void Emit(SourceProductionContext output, string path, PredictorResult result, EquatableArray<string> taken, HostLibraries libraries)
    {
        foreach (var diagnostic in result.Diagnostics)
        {
            output.ReportDiagnostic(GeneratorDiagnostics.Create(diagnostic, path));
        }

        if (result.Model is not { } model)
        {
            return;
        }

        if (taken.Contains(model.FullName, StringComparer.OrdinalIgnoreCase))
        {
            output.ReportDiagnostic(GeneratorDiagnostics.Create(ReportedDiagnostic.Of(DiagnosticTable.TypeNamesCollide, model.FullName), path));
            return;
        }

        output.AddSource(model.HintName, SourceText.From(PredictorEmitter.Emit(model, libraries), Encoding.UTF8));
    }
}
