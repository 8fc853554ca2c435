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

    /// <summary>A new or changed text goes into the page with what is said there beside it: the page that this test writes is the one to check in.</summary>
    [Fact]
    public void Quotes_the_texts_of_the_table()
    {
        List<string> lines = [.. File.ReadAllLines(Page)];
        foreach (var descriptor in Descriptors()) Quote(lines, descriptor);
        string expected = string.Concat(lines.Select(line => line + "\n"));

        string received = Path.Combine(Path.GetTempPath(), "diagnostics.received.md");
        bool isSame = expected == File.ReadAllText(Page);
        if (!isSame) File.WriteAllText(received, expected);
        Assert.True(isSame, $"The table has other texts: compare {received} with docs/diagnostics.md, and put it in its place.");
    }

    [Fact]
    public void Links_lead_to_sections()
    {
        Assert.Equal("file:///a%20b/%C3%A9/diagnostics.md#om1001", HelpLink.To("/a b/\u00e9/diagnostics.md", DiagnosticTable.ModelNotFound.Id));
        Assert.Null(HelpLink.To("", DiagnosticTable.ModelNotFound.Id));
    }

    private static IEnumerable<DiagnosticDescriptor> Descriptors() =>
        typeof(DiagnosticTable).GetFields(BindingFlags.Static | BindingFlags.Public).Select(field => (DiagnosticDescriptor)field.GetValue(null)!);

    /// <summary>Writes the text, as it reads with nothing filled in, into the diagnostic's section, which is made after that of the id before.</summary>
    private static void Quote(List<string> lines, DiagnosticDescriptor descriptor)
    {
        string quote = "> " + descriptor.Text([.. Enumerable.Repeat("\u2026", 6)]);
        var (id, line) = Sections(lines).Last(section => string.CompareOrdinal(section.Id, descriptor.Id) <= 0);
        if (id == descriptor.Id)
        {
            lines[line + 2] = quote;
            return;
        }

        int end = lines.FindIndex(line + 1, next => next.StartsWith("##", StringComparison.Ordinal));
        lines.InsertRange(end < 0 ? lines.Count : end, end < 0 ? ["", "### " + descriptor.Id, "", quote] : ["### " + descriptor.Id, "", quote, ""]);
    }

    private static IEnumerable<string> IdsIn(string file) =>
        Regex.Matches(File.ReadAllText(Path.Combine(Root, file)), @"\bOM\d{4}\b").Select(match => match.Value);

    private static IEnumerable<(string Id, int Line)> Sections(IEnumerable<string> lines) =>
        lines.Select((line, i) => (Line: line, Index: i)).Where(line => line.Line.StartsWith("### ", StringComparison.Ordinal)).Select(line => (line.Line[4..], line.Index));
}
