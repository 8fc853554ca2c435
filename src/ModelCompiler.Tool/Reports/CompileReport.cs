using System.Text.Json.Serialization;
using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Compilation;
using ModelCompiler.Optimizer.Passes;
using ModelCompiler.Optimizer.Quantization;
using ModelCompiler.Tool.Compilation;
using ModelCompiler.Tool.Inspection;
using ModelCompiler.Tool.Terminal;

namespace ModelCompiler.Tool.Reports;

/// <summary>What a compilation did: the document of <c>compile --json</c> and of the report, and the content of the page for people.</summary>
internal sealed record CompileReport
{
    public required string Name { get; init; }

    /// <summary>The source model: a file name in the report, the path as it was given on the command line.</summary>
    public required string Source { get; init; }

    /// <summary>The compiled model: a file name in the report, a path on the command line. So are the next two.</summary>
    public required string Model { get; init; }

    public required string Manifest { get; init; }

    /// <summary>The page for people.</summary>
    public required string Report { get; init; }

    public required string Precision { get; init; }

    /// <summary>Whether nothing of the model is in that precision: it is as <c>Float32</c> makes it.</summary>
    public bool StaysAsItCame { get; init; }

    /// <summary>For people: what the model is in.</summary>
    [JsonIgnore]
    public string PrecisionText => StaysAsItCame ? $"{nameof(Optimizer.Compilation.Precision.Float32)} instead of {Precision}" : Precision;

    /// <summary>Of the source, external data included.</summary>
    public required long SourceBytes { get; init; }

    /// <summary>Of the compiled model, external data included.</summary>
    public required long Bytes { get; init; }

    /// <summary>Products (Conv, Gemm, MatMul), as ONNX Runtime runs them.</summary>
    public required NodeCounts Nodes { get; init; }

    /// <summary>On the samples, or on random inputs; null where the model runs on neither.</summary>
    public AgreementDocument? Agreement { get; init; }

    /// <summary>From 0 to 1, of the source (a) and the compiled model (b); null without labels.</summary>
    public AccuracyDocument? Accuracy { get; init; }

    /// <summary>Median time of the compiled model over that of the source; null where it was not measured.</summary>
    public double? LatencyRatio { get; init; }

    /// <summary>Where the nodes run; null where only the CPU was asked for.</summary>
    public PlacementReport? Placement { get; init; }

    public required double Seconds { get; init; }

    public required IReadOnlyList<Problem> Diagnostics { get; init; }

    /// <summary>The products of the compiled graph, and what they compute with.</summary>
    public required IReadOnlyList<ProductNode> Products { get; init; }

    /// <summary>What each pass did and refused, in order.</summary>
    public required IReadOnlyList<PassLine> Passes { get; init; }

    public required string ToolVersion { get; init; }

    public static CompileReport Create(ModelCompilation compilation, CompileResult result, long sourceBytes, long bytes, TimeSpan time)
    {
        PassLine[] passes = [.. result.Events.Select(e => new PassLine(e.Pass, e.Where, e.Text, e.Kind == PassEventKind.Applied))];
        return new CompileReport
        {
            Name = compilation.Name,
            Source = Path.GetFileName(compilation.Source),
            Model = compilation.Files.Model,
            Manifest = compilation.Files.Manifest,
            Report = compilation.Files.ReportHtml,
            Precision = result.Plan.Precision.ToString(),
            StaysAsItCame = result.StaysAsItCame,
            SourceBytes = sourceBytes,
            Bytes = bytes,
            Nodes = new NodeCounts(result.QuantizedNodes, result.FloatNodes),
            Agreement = result.Agreement is { } agreement ? new AgreementDocument(agreement.Samples, agreement.IsMadeUp, agreement.Outputs) : null,
            Accuracy = result.Accuracy is { } accuracy ? new AccuracyDocument(accuracy.Source / 100, accuracy.Compiled / 100) : null,
            LatencyRatio = result.LatencyRatio,
            Seconds = Math.Round(time.TotalSeconds, 3),
            Diagnostics = [.. result.Warnings.Select(warning => Problem.Warning(warning.Code, warning.Message))],
            Products = [.. ProductNode.Of(result.Model.Graph, passes)],
            Passes = passes,
            ToolVersion = Terminal.ToolVersion.Text,
        };
    }
}

/// <summary>How many products run on integers, and how many in floating point.</summary>
internal sealed record NodeCounts(int Quantized, int Float);

/// <summary>Agreement of the outputs with the source model's, on samples or on random inputs (<paramref name="MadeUp"/>).</summary>
internal sealed record AgreementDocument(int Samples, bool MadeUp, IReadOnlyList<OutputAgreement> Outputs);

/// <summary>Shares of labelled samples that two models get right.</summary>
internal sealed record AccuracyDocument(double A, double B);

/// <summary>What a pass did to a node (<paramref name="Applied"/>), or why it did nothing.</summary>
internal sealed record PassLine(string Pass, string Where, string Text, bool Applied);

/// <summary>A convolution or matrix product, whether it computes with integers, and why not, as far as a pass said.</summary>
internal sealed record ProductNode(string Name, string Operator, bool IsQuantized, string? Why = null)
{
    /// <param name="graph">The compiled graph.</param>
    /// <param name="passes">What the passes said, of a node or of what it puts out.</param>
    public static IEnumerable<ProductNode> Of(Graph graph, IReadOnlyList<PassLine> passes)
    {
        ILookup<string, string> refusals = passes.Where(line => !line.Applied).ToLookup(line => line.Where, line => line.Text, StringComparer.Ordinal);
        foreach (Node node in graph.AllNodes().Where(node => FusedGraph.ComputesWith(node.OpType) is not null))
        {
            bool isQuantized = FusedGraph.IsOnIntegers(node.OpType) || (IsDequantized(node.Input(0)) && IsDequantized(node.Input(1)));
            string[] names = [node.ToString(), node.Name, .. node.Outputs.ToArray().Select(output => output.Name)];
            yield return new ProductNode(
                node.Name.Length > 0 ? node.Name : node.Outputs[0].Name, node.OpType, isQuantized, isQuantized ? null : names.SelectMany(name => refusals[name]).FirstOrDefault());
        }
    }

    private static bool IsDequantized(Value? value) => value?.Producer?.OpType == "DequantizeLinear";
}
