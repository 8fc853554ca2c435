using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Compilation;
using ModelCompiler.Tool.Reports;
using ModelCompiler.Tool.Terminal;
using Xunit;

namespace ModelCompiler.Tool.Tests.Reports;

public class HtmlReportTests
{
    private const string Hostile = "</td><script>alert(\"1\")</script>&'";

    [Fact]
    public void Shows_names_out_of_the_model_as_text()
    {
        string page = HtmlReport.Of(Report(Hostile));
        Assert.DoesNotContain("<script", page, StringComparison.Ordinal);
        Assert.DoesNotContain("\"1\"", page, StringComparison.Ordinal);
        // Name and title, source, warning, output, product, done, refused.
        Assert.Equal(8, page.Split("&lt;/td&gt;&lt;script&gt;").Length - 1);
    }

    [Fact]
    public void Has_the_same_elements_whatever_the_names_are() =>
        Assert.Equal(Tags(HtmlReport.Of(Report("x"))), Tags(HtmlReport.Of(Report(Hostile))));

    [Fact]
    public void Shows_the_figures()
    {
        string page = HtmlReport.Of(Report("x"));
        foreach (string figure in new[] { "1000.0 KiB → 250.0 KiB", "99.30 % → 99.10 %", "0.610", "3 of 4", "equal", "98.00 %" }) Assert.Contains(System.Net.WebUtility.HtmlEncode(figure), page, StringComparison.Ordinal);
        Assert.DoesNotContain("http", page, StringComparison.Ordinal);
    }

    [Fact]
    public void Says_once_what_a_pass_did_to_many_nodes()
    {
        string page = HtmlReport.Of(Report("x") with { Passes = [new PassLine("fold", "a", "done", true), new PassLine("other", "b", "done", true), new PassLine("fold", "c", "done", true)] });
        Assert.Contains("<tr><td>fold</td><td>done</td><td>a, c</td></tr>", page, StringComparison.Ordinal);
    }

    [Fact]
    public void Folds_a_long_list_of_names_without_losing_any()
    {
        string[] names = [.. Enumerable.Range(0, 100).Select(i => $"name{i:D3}")];
        string page = HtmlReport.Of(Report("x") with { Passes = [.. names.Select(name => new PassLine("fold", name, "done", true))] });
        Assert.Contains("name001", page.Split("<details>")[0], StringComparison.Ordinal);
        Assert.DoesNotContain("name099", page.Split("<details>")[0], StringComparison.Ordinal);
        Assert.All(names, name => Assert.Equal(2, page.Split(name).Length));
        Assert.DoesNotContain("<details>", HtmlReport.Of(Report("x") with { Passes = [new PassLine("fold", new string('n', 1000), "done", true)] }), StringComparison.Ordinal);
    }

    [Fact]
    public void Shows_warnings_in_whole()
    {
        string message = string.Join(", ", Enumerable.Range(0, 100).Select(i => $"name{i:D3}"));
        Assert.Contains($"<p><strong>OM4022</strong> {message}</p>", HtmlReport.Of(Report("x") with { Diagnostics = [Problem.Warning("OM4022", message)] }), StringComparison.Ordinal);
    }

    [Fact]
    public void Says_why_a_product_stays_in_floating_point()
    {
        var graph = new Graph("g");
        Value x = graph.AddInput("x", new TensorType(ElementType.Float, new Shape(1, 2)));
        Value w = graph.AddInitializer("w", Tensor.Create<float>([1, 2, 3, 4], 2, 2));
        Node first = graph.AddNode("MatMul", [x, w]), second = graph.AddNode("MatMul", [first.Output, w]);
        (first.Name, second.Name) = ("first", "second");
        graph.AddOutput(second.Output);
        PassLine[] passes = [new("placement", first.Output.Name, "faster so", false), new("fuse", "second (MatMul)", "done", true)];
        IEnumerable<string> reasons = ProductNode.Of(graph, passes).Select(product => product.Why ?? "none");
        Assert.Equal(["faster so", "none"], reasons);
        Assert.Contains("<td>faster so</td>", HtmlReport.Of(Report("x") with { Passes = [], Products = [.. ProductNode.Of(graph, passes)] }), StringComparison.Ordinal);
    }

    [Fact]
    public void Leaves_out_what_there_is_nothing_of()
    {
        string page = HtmlReport.Of(Report("x") with { Diagnostics = [], Passes = [], Agreement = null, Accuracy = null, LatencyRatio = null, Products = [] });
        Assert.DoesNotContain("<table", page, StringComparison.Ordinal);
        Assert.DoesNotContain("accuracy", page, StringComparison.Ordinal);
    }

    private static string Tags(string page) => string.Concat(System.Text.RegularExpressions.Regex.Matches(page, "<[^>]*>").Select(match => match.Value));

    private static CompileReport Report(string name) => new()
    {
        Name = name,
        Source = name,
        Model = "m.onnx",
        Manifest = "m.model.json",
        Report = "m.report.html",
        Precision = "Int8",
        SourceBytes = 1_024_000,
        Bytes = 256_000,
        Nodes = new NodeCounts(3, 1),
        Agreement = new AgreementDocument(50, false, [new OutputAgreement(name, 1, double.PositiveInfinity, 0, 0.98)]),
        Accuracy = new AccuracyDocument(0.993, 0.991),
        LatencyRatio = 0.61,
        Seconds = 1,
        Diagnostics = [Problem.Warning("OM4002", name)],
        Products = [new ProductNode(name, "Conv", true)],
        Passes = [new PassLine("fold", "here", name, true), new PassLine("fuse", name, "why", false)],
        ToolVersion = "0.1.0",
    };
}
