using System.Globalization;
using ModelCompiler.Diagnostics;
using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Measurement;
using ModelCompiler.Tool.Inspection;
using ModelCompiler.Tool.Settings;
using ModelCompiler.Tool.Terminal;

namespace ModelCompiler.Tool.Compilation;

/// <summary>Finds out at build what a predictor would meet at start: nodes on the CPU that the item does not allow there, and answers that differ.</summary>
internal static class PlacementCheck
{
    private const int Shown = 5;

    /// <summary>The warnings that hang on the machine.</summary>
    public static IReadOnlyList<string> Codes { get; } = [DiagnosticTable.NodesNotForProvider.Id, DiagnosticTable.ProviderAnswersDiffer.Id, DiagnosticTable.ProviderNotCompared.Id];

    /// <summary>What the item should be warned of.</summary>
    /// <exception cref="CompilerException">The provider is on this machine and leaves nodes to the CPU, which is not in the list; or it answers something else.</exception>
    public static IEnumerable<(string Code, string Message)> Check(ItemSettings settings, PlacementReport report)
    {
        return [.. new[] { CheckNodes(settings, report), CheckAnswers(report) }.OfType<(string, string)>()];
    }

    private static (string Code, string Message)? CheckAnswers(PlacementReport report)
    {
        string providers = string.Join(", ", report.Nodes.Keys);
        if (report.AnswersMissing is { } missing) return (DiagnosticTable.ProviderNotCompared.Id, DiagnosticTable.ProviderNotCompared.Text(providers, missing));
        if (report.Answers is not { } answers || ProviderComparison.Differing(answers) is not { } differing) return null;
        DiagnosticDescriptor descriptor = DiagnosticTable.ProviderAnswersDiffer;
        object[] figures = [providers, differing.Name, Figures.Cosine(differing.Cosine), Figures.Significant(differing.MaxAbs)];
        // On noise a detector hangs on last bits, and what it finds is another number of boxes.
        return answers.IsMadeUp ? (descriptor.Id, descriptor.Text(figures)) : throw descriptor.Error(figures);
    }

    private static (string Code, string Message)? CheckNodes(ItemSettings settings, PlacementReport report)
    {
        if (settings.FallsBackToCpu || (report.OnCpu.Count == 0 && report.Unsupported.Count == 0)) return null;
        DiagnosticDescriptor descriptor = DiagnosticTable.NodesNotForProvider;
        string providers = string.Join(", ", settings.ExecutionProviders);
        if (report.IsMeasured) throw descriptor.Error(providers, report.OnCpu.Count, report.Nodes.Values.Sum(), Names(report.OnCpu), "Add Cpu to ExecutionProvider to allow it, or remove these nodes.");
        var first = settings.ExecutionProviders[0];
        int nodes = report.Unsupported.Sum(unsupported => unsupported.Nodes.Count);
        string reasons = string.Join("; ", report.Unsupported.Take(Shown).Select(unsupported => $"{unsupported.Operator} ({Count(unsupported.Nodes)}): {unsupported.Reason}"));
        return (descriptor.Id, descriptor.Text(first, nodes, report.GraphNodes, reasons, $"This is read from a table, because {first} is not on this machine; a program that runs only on it would not start. Add Cpu to ExecutionProvider to allow it."));
    }

    private static string Names(IReadOnlyList<PlacementNode> nodes) =>
        string.Join(", ", nodes.Take(Shown).Select(node => $"{node.Operator} '{node.Name}'")) + (nodes.Count > Shown ? ", …" : "");

    private static string Count(IReadOnlyList<string> nodes) =>
        nodes.Count == 1 ? $"'{nodes[0]}'" : string.Create(CultureInfo.InvariantCulture, $"{nodes.Count} nodes, such as '{nodes[0]}'");
}
