using System.Net;
using System.Text;
using ModelCompiler.Optimizer.Compilation;
using ModelCompiler.Tool.Inspection;
using ModelCompiler.Tool.Terminal;

namespace ModelCompiler.Tool.Reports;

/// <summary>The report as one page that needs nothing else. Names out of the model are text there, never markup.</summary>
internal static class HtmlReport
{
    private const string Style = """
        body { font: 15px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem; color: #1b1f24; background: #fff }
        h1 { font-size: 1.5rem; margin-bottom: .2rem } h2 { font-size: 1.1rem; margin-top: 2rem } .sub { color: #59636e; margin-top: 0 }
        table { border-collapse: collapse; width: 100% } th, td { text-align: left; padding: .3rem .6rem; border-bottom: 1px solid #d8dee4; vertical-align: top; overflow-wrap: anywhere; min-width: 5.5rem } td:last-child { width: 40% }
        summary { cursor: pointer; color: #59636e }
        th { font-weight: 600; color: #59636e } .n { text-align: right; font-variant-numeric: tabular-nums } .int { color: #1a7f37 } .float { color: #9a6700 }
        .cards { display: flex; flex-wrap: wrap; gap: .8rem } .card { border: 1px solid #d8dee4; border-radius: .5rem; padding: .6rem .9rem; min-width: 7rem }
        .card b { display: block; font-size: 1.25rem } .card span { color: #59636e }
        @media (prefers-color-scheme: dark) { body { color: #e6edf3; background: #0d1117 } th, td, .card { border-color: #30363d } .sub, th, summary, .card span { color: #9198a1 } .int { color: #3fb950 } .float { color: #d29922 } }
        """;

    private const int LongestList = 240;

    public static string Of(CompileReport report)
    {
        var page = new StringBuilder();
        page.Append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width\">\n");
        page.Append("<title>").Append(Text(report.Name)).Append("</title>\n<style>\n").Append(Style).Append("\n</style>\n</head>\n<body>\n");
        page.Append("<h1>").Append(Text(report.Name)).Append("</h1>\n");
        page.Append("<p class=\"sub\">").Append(Text($"{report.Source} compiled to {report.PrecisionText} by ModelCompiler {report.ToolVersion}")).Append("</p>\n");
        AppendCards(page, report);
        AppendWarnings(page, report);
        AppendTable(page, "Outputs against the source model's", ["Output", "Cosine", "SQNR", "Largest difference", "Same answers"], report.Agreement?.Outputs.Select(Cells) ?? []);
        if (report.Placement is { } placement) AppendPlacement(page, placement);
        AppendProducts(page, report.Products);
        AppendPasses(page, "Left as it was", "Why", report.Passes.Where(line => !line.Applied));
        AppendPasses(page, "Done", "What", report.Passes.Where(line => line.Applied));
        return page.Append("</body>\n</html>\n").ToString();
    }

    /// <summary>In whole: what to do comes last.</summary>
    private static void AppendWarnings(StringBuilder page, CompileReport report)
    {
        if (report.Diagnostics.Count == 0) return;
        page.Append("<h2>Warnings</h2>\n");
        foreach (Problem problem in report.Diagnostics) page.Append("<p><strong>").Append(Text(problem.Code)).Append("</strong> ").Append(Text(problem.Message)).Append("</p>\n");
    }

    private static void AppendCards(StringBuilder page, CompileReport report)
    {
        page.Append("<div class=\"cards\">\n");
        Card("size", $"{Figures.Bytes(report.SourceBytes)} → {Figures.Bytes(report.Bytes)}");
        if (report.Accuracy is { } accuracy) Card("accuracy", $"{Figures.Percent(accuracy.A)} → {Figures.Percent(accuracy.B)}");
        if (report.LatencyRatio is { } ratio) Card("time, of the source's", Figures.Ratio(ratio));
        Card("products on integers", $"{report.Nodes.Quantized} of {report.Nodes.Quantized + report.Nodes.Float}");
        if (report.Agreement is { } agreement) Card(agreement.MadeUp ? "random inputs compared" : "samples compared", Figures.Count(agreement.Samples));
        page.Append("</div>\n");

        void Card(string label, string value) => page.Append("<div class=\"card\"><b>").Append(Text(value)).Append("</b><span>").Append(Text(label)).Append("</span></div>\n");
    }

    private static string[] Cells(OutputAgreement output) =>
    [
        output.Name,
        Figures.Cosine(output.Cosine),
        Figures.Decibels(output.SqnrDb),
        Figures.Significant(output.MaxAbs),
        (output.Same ?? output.Top1Agreement) is { } same ? Figures.Percent(same) : "",
    ];

    private static void AppendPlacement(StringBuilder page, PlacementReport placement)
    {
        AppendTable(page, "Execution providers that this machine cannot use", ["Provider", "Why"], placement.Unavailable.Select(pair => new[] { pair.Key.ToString(), pair.Value }));
        AppendTable(page, "Nodes by execution provider, on this machine", ["Provider", "Nodes"], placement.Nodes.Select(pair => new[] { pair.Key, Figures.Count(pair.Value) }));
        AppendTable(page, "Answers there, against the CPU's", ["Output", "Cosine", "Largest difference"], (placement.Answers?.Outputs ?? []).Select(output => new[] { output.Name, Figures.Cosine(output.Cosine), Figures.Significant(output.MaxAbs) }));
        AppendTable(page, "Nodes on the CPU", ["Node", "Operator"], placement.OnCpu.Select(node => new[] { node.Name, node.Operator }));
        AppendTable(page, "Nodes that the first provider will leave to the CPU", ["Operator", "Nodes", "Why"], placement.Unsupported.Select(u => new[] { u.Operator, string.Join(", ", u.Nodes), u.Reason }));
    }

    private static void AppendProducts(StringBuilder page, IReadOnlyList<ProductNode> products)
    {
        if (products.Count == 0) return;
        page.Append("<h2>Products in the compiled graph</h2>\n<table>\n<tr><th>Node</th><th>Operator</th><th>Computes with</th><th>Why</th></tr>\n");
        foreach (ProductNode product in products)
        {
            string kind = product.IsQuantized ? "<td class=\"int\">integers</td>" : "<td class=\"float\">floating point</td>";
            page.Append("<tr><td>").Append(Text(product.Name)).Append("</td><td>").Append(Text(product.Operator)).Append("</td>").Append(kind);
            page.Append("<td>").Append(Text(product.Why ?? "")).Append("</td></tr>\n");
        }
        page.Append("</table>\n");
    }

    /// <summary>What one pass says of many nodes is said once.</summary>
    private static void AppendPasses(StringBuilder page, string title, string what, IEnumerable<PassLine> lines) =>
        AppendTable(page, title, ["Pass", what, "Where"], lines.GroupBy(line => (line.Pass, line.Text)).Select(group => new[] { group.Key.Pass, group.Key.Text, string.Join(", ", group.Select(line => line.Where)) }));

    private static void AppendTable(StringBuilder page, string title, string[] header, IEnumerable<string[]> rows)
    {
        string[] lines = [.. rows.Select(row => "<tr>" + string.Concat(row.Select(cell => $"<td>{Cell(cell)}</td>")) + "</tr>\n")];
        if (lines.Length == 0) return;
        page.Append("<h2>").Append(Text(title)).Append("</h2>\n<table>\n<tr>");
        foreach (string cell in header) page.Append("<th>").Append(Text(cell)).Append("</th>");
        page.Append("</tr>\n").AppendJoin("", lines).Append("</table>\n");
    }

    /// <summary>A long list of names shows its first ones, and the others when asked.</summary>
    private static string Cell(string text)
    {
        int cut = text.Length > LongestList ? text.LastIndexOf(", ", LongestList, StringComparison.Ordinal) : -1;
        return cut < 0 ? Text(text) : $"{Text(text[..cut])}<details><summary>more</summary>{Text(text[(cut + 2)..])}</details>";
    }

    private static string Text(string text) => WebUtility.HtmlEncode(text);
}
