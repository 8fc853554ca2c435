using System.Collections.Immutable;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Text;
using ModelCompiler.Manifests;
using Xunit;

namespace ModelCompiler.Generator.Tests;

/// <summary>Runs the generator over manifests in a compilation like that of a strict user.</summary>
internal sealed class GeneratorRun
{
    /// <summary>The library of <c>ReadOnlyTensorSpan</c>.</summary>
    public const string TensorLibrary = "System.Numerics.Tensors";

    private static readonly CSharpParseOptions Parse = new(LanguageVersion.CSharp12, DocumentationMode.Diagnose);

    private static readonly ImmutableArray<PortableExecutableReference> References =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator).Select(path => MetadataReference.CreateFromFile(path)),
    ];

    private readonly CSharpCompilation _compilation;
    private GeneratorDriver _driver;

    public GeneratorRun(params ModelManifest[] manifests)
        : this([.. manifests.Select(manifest => new ManifestText(manifest.Name, ManifestWriter.Write(manifest)))])
    {
    }

    /// <param name="manifests">The additional files.</param>
    /// <param name="userCode">The program.</param>
    /// <param name="hostLibraries">Which of Microsoft.Extensions it references: the ends of their names, or <c>*</c> for all; and <see cref="TensorLibrary"/>.</param>
    public GeneratorRun(ManifestText[] manifests, string userCode = "", params string[] hostLibraries)
    {
        var options = new CSharpCompilationOptions(
            OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable, generalDiagnosticOption: ReportDiagnostic.Error, warningLevel: 9999);
        _compilation = CSharpCompilation.Create("App", [CSharpSyntaxTree.ParseText(userCode, Parse, "User.cs")], References.Where(reference => IsReferenced(reference, hostLibraries)), options);
        _driver = CSharpGeneratorDriver.Create(
            [new PredictorGenerator().AsSourceGenerator()],
            manifests,
            Parse,
            new ManifestOptions(),
            new GeneratorDriverOptions(default, trackIncrementalGeneratorSteps: true));
        _driver = _driver.RunGeneratorsAndUpdateCompilation(_compilation, out var output, out _);
        Output = output;
    }

    /// <summary>The user's code with all that was generated.</summary>
    public Compilation Output { get; }

    /// <summary>The assembly, once it was asserted that all compiles.</summary>
    public byte[] Image { get; private set; } = [];

    public GeneratorRunResult Result => _driver.GetRunResult().Results.Single();

    public IReadOnlyList<string> Sources => [.. Result.GeneratedSources.Select(source => source.SourceText.ToString())];

    public string Source => Assert.Single(Sources);

    /// <summary>The ids of what the compiler refuses.</summary>
    public IEnumerable<string> Errors => Output.GetDiagnostics().Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error).Select(diagnostic => diagnostic.Id);

    /// <summary>Asserts that all compiles, documentation included, without so much as a warning.</summary>
    public GeneratorRun AssertCompiles()
    {
        Assert.Null(Result.Exception);
        using var assembly = new MemoryStream();
        using var documentation = new MemoryStream();
        var emitted = Output.Emit(assembly, xmlDocumentationStream: documentation);
        var problems = emitted.Diagnostics.Where(diagnostic => diagnostic.Severity > DiagnosticSeverity.Hidden);
        Assert.True(emitted.Success && !problems.Any(), string.Join("\n", problems) + "\n" + string.Join("\n", Sources));
        Image = assembly.ToArray();
        return this;
    }

    private static bool IsReferenced(PortableExecutableReference reference, string[] hostLibraries)
    {
        const string Extensions = "Microsoft.Extensions.";
        string name = Path.GetFileNameWithoutExtension(reference.FilePath!);
        return name == TensorLibrary ? hostLibraries.Contains(TensorLibrary) : name.StartsWith(Extensions, StringComparison.Ordinal)
            ? hostLibraries.Contains("*") || hostLibraries.Contains(name[Extensions.Length..])
            : !name.StartsWith("Microsoft.AspNetCore", StringComparison.Ordinal);
    }

    /// <summary>Runs again after an edit of the user's code.</summary>
    public GeneratorRunResult AfterEdit(string userCode)
    {
        var edited = _compilation.ReplaceSyntaxTree(_compilation.SyntaxTrees.Single(), CSharpSyntaxTree.ParseText(userCode, Parse, "User.cs"));
        _driver = _driver.RunGenerators(edited);
        return Result;
    }

    /// <summary>Runs again for a project of another language version.</summary>
    public GeneratorRunResult In(LanguageVersion language)
    {
        _driver = _driver.WithUpdatedParseOptions(Parse.WithLanguageVersion(language)).RunGenerators(_compilation);
        return Result;
    }

    /// <summary>Runs again after a manifest was written anew.</summary>
    public GeneratorRunResult AfterReplacing(ManifestText old, ManifestText replacement)
    {
        _driver = _driver.ReplaceAdditionalText(old, replacement).RunGenerators(_compilation);
        return Result;
    }

    /// <summary>An additional file with the metadata that marks manifests, unless its name says that it is another's.</summary>
    internal sealed class ManifestText(string name, string text) : AdditionalText
    {
        public override string Path { get; } = "/app/obj/models/" + name + ".model.json";

        public override SourceText GetText(CancellationToken cancellationToken = default) => SourceText.From(text, Encoding.UTF8);
    }

    private sealed class ManifestOptions : AnalyzerConfigOptionsProvider
    {
        public override AnalyzerConfigOptions GlobalOptions { get; } = new Options(false);

        public override AnalyzerConfigOptions GetOptions(SyntaxTree tree) => GlobalOptions;

        public override AnalyzerConfigOptions GetOptions(AdditionalText textFile) => new Options(!textFile.Path.Contains("foreign", StringComparison.Ordinal));

        private sealed class Options(bool isManifest) : AnalyzerConfigOptions
        {
            public override bool TryGetValue(string key, out string value)
            {
                value = key == "build_property.ModelCompilerDiagnosticsPage" ? "/package/docs/diagnostics.md" : "true";
                return value != "true" || (isManifest && key == "build_metadata.AdditionalFiles.ModelCompilerManifest");
            }
        }
    }
}
