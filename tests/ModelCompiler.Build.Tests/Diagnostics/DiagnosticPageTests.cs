using System.Reflection;
using System.Text.RegularExpressions;
using ModelCompiler.Diagnostics;
using ModelCompiler.Tests;
using Xunit;

namespace ModelCompiler.Build.Tests.Diagnostics;

/// <summary>docs/diagnostics.md, which every diagnostic links to: a section for each, with the text that the table has.</summary>
public sealed class DiagnosticPageTests
{
    private static readonly string Page = DotNet.BuildFact("DiagnosticsPage");
    private static readonly string Root = Path.GetDirectoryName(Path.GetDirectoryName(Page))!;

    /// <summary>What MSBuild and npm report by themselves has its text where it is reported.</summary>
    private static readonly string[] OtherSources = ["src/ModelCompiler.Build/build/ModelCompiler.targets", "build/NativeLibrary.targets", "build/native/restore.mjs"];

    [Fact]
    public void Has_a_section_for_each_diagnostic_in_the_order_of_their_ids()
    {
        var expected = Descriptors().Select(descriptor => descriptor.Id).Concat(OtherSources.SelectMany(IdsIn)).Distinct();

        Assert.Equal(expected.Order(StringComparer.Ordinal), Sections(File.ReadAllLines(Page)).Select(section => section.Id));
    }

    [Fact]
    public void Quotes_the_texts_of_the_table()
    {
        string[] lines = File.ReadAllLines(Page);
        var quotes = Sections(lines).ToDictionary(section => section.Id, section => lines[section.Line + 2], StringComparer.Ordinal);

        Assert.All(Descriptors(), descriptor => Assert.Equal(Quote(descriptor), quotes.GetValueOrDefault(descriptor.Id)));
    }

    [Fact]
    public void Links_lead_to_sections()
    {
        Assert.Equal("file:///a%20b/%C3%A9/diagnostics.md#om1001", HelpLink.To("/a b/\u00e9/diagnostics.md", DiagnosticTable.ModelNotFound.Id));
        Assert.Null(HelpLink.To("", DiagnosticTable.ModelNotFound.Id));
    }

    private static IEnumerable<DiagnosticDescriptor> Descriptors() =>
        typeof(DiagnosticTable).GetFields(BindingFlags.Static | BindingFlags.Public).Select(field => (DiagnosticDescriptor)field.GetValue(null)!);

    /// <summary>As it reads with nothing filled in.</summary>
    private static string Quote(DiagnosticDescriptor descriptor) => "> " + descriptor.Text([.. Enumerable.Repeat("\u2026", 6)]);

    private static IEnumerable<string> IdsIn(string file) =>
        Regex.Matches(File.ReadAllText(Path.Combine(Root, file)), @"\bOM\d{4}\b").Select(match => match.Value);

    private static IEnumerable<(string Id, int Line)> Sections(string[] lines) =>
        lines.Select((line, i) => (Line: line, Index: i)).Where(line => line.Line.StartsWith("### ", StringComparison.Ordinal)).Select(line => (line.Line[4..], line.Index));
}
