using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
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
    private const string HelpPageProperty = "build_property.ModelCompilerDiagnosticsPage";
    private const int MaxManifestLength = 16 << 20;

    /// <summary>What the generated code is written in.</summary>
    private const LanguageVersion Language = LanguageVersion.CSharp12;

    /// <inheritdoc/>
    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        var manifests = context.AdditionalTextsProvider
            .Combine(context.AnalyzerConfigOptionsProvider)
            .Where(pair => IsManifest(pair.Left, pair.Right))
            .Select((pair, _) => pair.Left);
        var language = context.ParseOptionsProvider.Select((options, _) => ((CSharpParseOptions)options).LanguageVersion);
        var predictors = manifests.Combine(language)
            .Select((pair, cancellation) => (pair.Left.Path, Result: pair.Right < Language ? TooOld(pair.Right) : Read(pair.Left, cancellation))).WithTrackingName(ReadStep);
        var taken = predictors.Collect().Select((all, _) => TakenNames.Find(all.Select(p => p.Result.Model))).WithTrackingName(DistinctStep);
        var helpPage = context.AnalyzerConfigOptionsProvider.Select((options, _) => options.GlobalOptions.TryGetValue(HelpPageProperty, out string? page) ? page : "");
        var libraries = context.CompilationProvider.Select((compilation, _) => HostLibraries.Of(compilation));
        context.RegisterSourceOutput(
            predictors.Combine(taken).Combine(helpPage).Combine(libraries),
            (output, all) => Emit(output, all.Left.Left.Left, all.Left.Left.Right, all.Left.Right, all.Right));
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

    private static PredictorResult TooOld(LanguageVersion language) =>
        new(null, new([ReportedDiagnostic.Of(DiagnosticTable.LanguageTooOld, Language.ToDisplayString(), language.ToDisplayString())]));

    private static PredictorResult Failed(AdditionalText file, string reason) =>
        new(null, new([ReportedDiagnostic.Of(DiagnosticTable.ManifestInvalid, file.Path, reason)]));

    private static void Emit(
        SourceProductionContext output, (string Path, PredictorResult Result) predictor, EquatableArray<string> taken, string helpPage, HostLibraries libraries)
    {
        foreach (var diagnostic in predictor.Result.Diagnostics)
        {
            Report(diagnostic);
        }

        if (predictor.Result.Model is not { } model)
        {
            return;
        }

        if (taken.Contains(model.FullName, StringComparer.OrdinalIgnoreCase))
        {
            Report(ReportedDiagnostic.Of(DiagnosticTable.TypeNamesCollide, model.FullName));
            return;
        }

        output.AddSource(model.HintName, SourceText.From(PredictorEmitter.Emit(model, libraries), Encoding.UTF8));

        void Report(ReportedDiagnostic diagnostic) => output.ReportDiagnostic(GeneratorDiagnostics.Create(diagnostic, predictor.Path, helpPage));
    }
}
