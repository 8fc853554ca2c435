using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using ModelCompiler.Generator.Tests.Manifests;
using ModelCompiler.Manifests;
using Xunit;

namespace ModelCompiler.Generator.Tests;

/// <summary>The pipeline: what it reads, when it works, and what it says of bad input.</summary>
public sealed class PredictorGeneratorTests
{
    [Fact]
    public void Reads_only_files_that_the_build_marked()
    {
        var run = new GeneratorRun([new GeneratorRun.ManifestText("foreign", ManifestWriter.Write(TestManifests.Digits))]);

        Assert.Empty(run.Result.GeneratedSources);
        Assert.Empty(run.Result.Diagnostics);
    }

    [Fact]
    public void Makes_a_predictor_of_each_manifest()
    {
        var run = new GeneratorRun(TestManifests.Digits, TestManifests.Digits with { Name = "letters" }).AssertCompiles();

        Assert.Equal(["My.App.DigitsPredictor.g.cs", "My.App.LettersPredictor.g.cs"], run.Result.GeneratedSources.Select(source => source.HintName));
    }

    [Fact]
    public void Does_nothing_again_when_the_code_around_changes()
    {
        var run = new GeneratorRun(TestManifests.Digits, TestManifests.Digits with { Name = "letters" });

        var result = run.AfterEdit("class Unrelated { int Value => 1; }");

        Assert.All(Reasons(result, PredictorGenerator.ReadStep), reason => Assert.Equal(IncrementalStepRunReason.Cached, reason));
        Assert.All(OutputReasons(result), reason => Assert.Equal(IncrementalStepRunReason.Cached, reason));
    }

    [Fact]
    public void Emits_only_the_predictor_whose_manifest_changed()
    {
        var digits = new GeneratorRun.ManifestText("digits", ManifestWriter.Write(TestManifests.Digits));
        var letters = new GeneratorRun.ManifestText("letters", ManifestWriter.Write(TestManifests.Digits with { Name = "letters" }));
        var run = new GeneratorRun([digits, letters]);

        var result = run.AfterReplacing(letters, new GeneratorRun.ManifestText("letters", ManifestWriter.Write(TestManifests.Digits with { Name = "letters", IsPublic = false })));

        Assert.Equal([IncrementalStepRunReason.Cached, IncrementalStepRunReason.Modified], Reasons(result, PredictorGenerator.ReadStep).Order().Reverse());
        Assert.All(Reasons(result, PredictorGenerator.DistinctStep), reason => Assert.Equal(IncrementalStepRunReason.Unchanged, reason));
        Assert.Equal([IncrementalStepRunReason.Cached, IncrementalStepRunReason.Modified], OutputReasons(result).Order().Reverse());
    }

    [Fact]
    public void An_equal_manifest_written_anew_emits_nothing()
    {
        var first = new GeneratorRun.ManifestText("digits", ManifestWriter.Write(TestManifests.Digits));
        var run = new GeneratorRun([first]);

        var result = run.AfterReplacing(first, new GeneratorRun.ManifestText("digits", ManifestWriter.Write(TestManifests.Digits) + "\n"));

        Assert.Equal([IncrementalStepRunReason.Unchanged], Reasons(result, PredictorGenerator.ReadStep));
        Assert.All(OutputReasons(result), reason => Assert.Equal(IncrementalStepRunReason.Cached, reason));
    }

    [Fact]
    public void Reports_a_bad_manifest_at_its_file()
    {
        var run = new GeneratorRun([new GeneratorRun.ManifestText("digits", "{}")]);

        var diagnostic = Assert.Single(run.Result.Diagnostics);
        Assert.Equal(("OM1101", DiagnosticSeverity.Error), (diagnostic.Id, diagnostic.Severity));
        Assert.Contains("digits.model.json' cannot be read: $.schemaVersion", diagnostic.GetMessage(null), StringComparison.Ordinal);
        Assert.Equal("/app/obj/models/digits.model.json", diagnostic.Location.GetLineSpan().Path);
        Assert.Equal("file:///package/docs/diagnostics.md#om1101", diagnostic.Descriptor.HelpLinkUri);
        Assert.Empty(run.Result.GeneratedSources);
    }

    [Fact]
    public void Mutated_manifests_give_a_diagnostic_or_good_source_and_never_an_exception()
    {
        const int seed = 1234;
        var random = new Random(seed);
        string text = ManifestWriter.Write(TestManifests.Digits);
        var manifests = Enumerable.Range(0, 500)
            .Select(i => new GeneratorRun.ManifestText("m" + i, ManifestFormatTests.Mutate(text, random))).ToArray();

        var result = new GeneratorRun(manifests).Result;

        Assert.True(result.Exception is null, $"seed {seed}: {result.Exception}");
        Assert.InRange(result.Diagnostics.Count(d => d.Id == "OM1101"), 300, 500);
        Assert.All(result.Diagnostics, d => Assert.StartsWith("OM", d.Id, StringComparison.Ordinal));
        Assert.All(result.GeneratedSources, source => Assert.Empty(source.SyntaxTree.GetDiagnostics(TestContext.Current.CancellationToken)));
    }

    [Fact]
    public void Asks_for_the_language_that_the_code_is_written_in()
    {
        var run = new GeneratorRun(TestManifests.Digits);

        var result = run.In(LanguageVersion.CSharp11);

        var diagnostic = Assert.Single(result.Diagnostics);
        Assert.Equal(("OM1104", DiagnosticSeverity.Error), (diagnostic.Id, diagnostic.Severity));
        Assert.Contains("C# 12.0 or newer, and this project is compiled as C# 11.0", diagnostic.GetMessage(null), StringComparison.Ordinal);
        Assert.Empty(result.GeneratedSources);
        Assert.Single(run.In(LanguageVersion.CSharp12).GeneratedSources);
    }

    [Fact]
    public void Reports_two_models_of_one_type_name()
    {
        var run = new GeneratorRun(TestManifests.Digits, TestManifests.Digits with { Name = "DIGITS", ClassName = "digitsPredictor" });

        Assert.Equal(["OM2104", "OM2104"], run.Result.Diagnostics.Select(d => d.Id));
        Assert.Empty(run.Result.GeneratedSources);
    }

    [Theory]
    [InlineData("1st")]
    [InlineData("A B")]
    [InlineData("A\u202eB")]
    [InlineData("ModelPath")]
    [InlineData("var")]
    [InlineData("record")]
    [InlineData("_")]
    public void Reports_a_class_name_that_is_none(string className)
    {
        var run = new GeneratorRun(TestManifests.Digits with { ClassName = className });

        var diagnostic = Assert.Single(run.Result.Diagnostics);
        Assert.Equal("OM2103", diagnostic.Id);
        Assert.All(diagnostic.GetMessage(null), c => Assert.InRange(c, ' ', '~'));
    }

    /// <summary>A keyword, small letters only, of which the compiler warns, and the name of the namespace around it.</summary>
    [Theory]
    [InlineData("class")]
    [InlineData("digits")]
    [InlineData("App")]
    public void Takes_any_other_class_name(string className) => new GeneratorRun(
        [new GeneratorRun.ManifestText("m", ManifestWriter.Write(TestManifests.Digits with { ClassName = className }))],
        $"class Caller {{ string Call(My.App.@{className} p) => p.Predict(new float[784]).Logits.ToString(); }}").AssertCompiles();

    [Fact]
    public void Reports_what_has_no_typed_form()
    {
        var sequence = TestManifests.Tensor("boxes\nerror CS0000: no", 1) with { Kind = ManifestValueKind.Map, KeyType = ManifestElementType.Int8 };
        var packed = TestManifests.Tensor("weights", ManifestElementType.Int4, 2);

        var run = new GeneratorRun(TestManifests.Of("m", [packed], [sequence]) with { ExecutionProviders = new(["Abacus"]) });

        Assert.Equal(3, run.Result.Diagnostics.Count(d => d.Id == "OM1102"));
        Assert.Contains(run.Result.Diagnostics, d => d.GetMessage(null).Contains("'boxes\\u000Aerror CS0000: no' is a map", StringComparison.Ordinal));
        Assert.Contains(run.Result.Diagnostics, d => d.GetMessage(null).Contains("'weights' has elements of type int4", StringComparison.Ordinal));
        Assert.Contains(run.Result.Diagnostics, d => d.GetMessage(null).Contains("'Abacus'", StringComparison.Ordinal));
    }

    private static IEnumerable<IncrementalStepRunReason> Reasons(GeneratorRunResult result, string step) =>
        result.TrackedSteps[step].SelectMany(s => s.Outputs).Select(output => output.Reason);

    private static IEnumerable<IncrementalStepRunReason> OutputReasons(GeneratorRunResult result) =>
        result.TrackedOutputSteps.SelectMany(step => step.Value).SelectMany(step => step.Outputs).Select(output => output.Reason);
}
