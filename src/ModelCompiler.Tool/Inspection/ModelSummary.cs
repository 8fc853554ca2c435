using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Signature;

namespace ModelCompiler.Tool.Inspection;

/// <summary>An input or output. A dimension is a number, a symbol (a string) or unknown (null); a shape is null where not even the rank is known.</summary>
internal sealed record SignatureEntry(string Name, string Type, IReadOnlyList<object?>? Shape);

/// <summary>What a model is, without running it.</summary>
internal sealed record ModelSummary
{
    public required string Path { get; init; }

    /// <summary>Without inputs that have a default.</summary>
    public required IReadOnlyList<SignatureEntry> Inputs { get; init; }

    public required IReadOnlyList<SignatureEntry> Outputs { get; init; }

    /// <summary>The version of ONNX's own operator set.</summary>
    public required long Opset { get; init; }

    /// <summary>Versions of other operator sets, by domain.</summary>
    public required IReadOnlyDictionary<string, long> Domains { get; init; }

    public required long IrVersion { get; init; }

    public required string Producer { get; init; }

    /// <summary>How often each operator stands in the graph and its subgraphs, the most frequent first; operators of other domains with their domain before a dot.</summary>
    public required IReadOnlyDictionary<string, int> Operators { get; init; }

    /// <summary>Elements of all constants, wherever they stand.</summary>
    public required long Parameters { get; init; }

    /// <summary>Of the file, and of external data beside it.</summary>
    public required long Bytes { get; init; }

    /// <summary>Multiply-accumulate operations of one run, with 1 for open batch dimensions; null where other dimensions are open.</summary>
    public required long? Macs { get; init; }

    /// <summary>Where the nodes run; null where nobody asked.</summary>
    public PlacementReport? Placement { get; init; }

    /// <summary>Summarizes a model file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="dimensions">Sizes of open dimensions, by symbol or as <c>input:axis</c>, to count the operations of a run.</param>
    /// <exception cref="CompilerException">The file is no model.</exception>
    public static ModelSummary Read(string path, IReadOnlyDictionary<string, long> dimensions)
    {
        Model model = OnnxReader.Read(path);
        IReadOnlyList<SignatureEntry> inputs = [.. model.Graph.Inputs.Where(input => input.Initializer is null).Select(Entry)];
        model.InferTypes();
        return new ModelSummary
        {
            Path = path,
            Inputs = inputs,
            Outputs = [.. model.Graph.Outputs.Select(Entry)],
            Opset = model.Opset,
            Domains = model.Opsets.Where(pair => pair.Key.Length > 0).ToDictionary(),
            IrVersion = model.IrVersion,
            Producer = $"{model.ProducerName} {model.ProducerVersion}".Trim(),
            Operators = Histogram(model.Graph),
            Parameters = Constants(model.Graph).Sum(tensor => tensor.ElementCount),
            Bytes = new FileInfo(path).Length + ExternalDataFiles.Of(model).Sum(file => new FileInfo(file).Length),
            Macs = CountMacs(model, dimensions),
        };
    }

    private static SignatureEntry Entry(Value value) => new(value.Name, TypeText.Of(value.Type), Dims(value.TensorType?.Shape));

    private static IReadOnlyList<object?>? Dims(Shape? shape) => shape is null ? null : [.. shape.Select(dim => dim.IsKnown ? dim.Value : (object?)dim.Symbol)];

    private static Dictionary<string, int> Histogram(Graph graph) => graph.AllNodes()
        .GroupBy(node => node.Domain is "" or "ai.onnx" ? node.OpType : $"{node.Domain}.{node.OpType}")
        .OrderByDescending(group => group.Count()).ThenBy(group => group.Key, StringComparer.Ordinal)
        .ToDictionary(group => group.Key, group => group.Count());

    private static IEnumerable<Tensor> Constants(Graph graph)
    {
        foreach (Node node in graph.AllNodes())
        {
            if (node.Is("Constant") && node.Attributes.Find("value") is { Kind: AttributeKind.Tensor } value) yield return value.Tensor;
            foreach (Graph inner in node.Subgraphs)
                foreach (Value initializer in inner.Initializers) yield return initializer.Initializer!;
        }
        foreach (Value initializer in graph.Initializers) yield return initializer.Initializer!;
    }

    /// <summary>Changes the model: first dimensions of the inputs that stay open become 1.</summary>
    private static long? CountMacs(Model model, IReadOnlyDictionary<string, long> dimensions)
    {
        var sizes = new Dictionary<string, long>(dimensions);
        foreach (Value input in model.Graph.Inputs)
            if (input.Initializer is null && input.Shape is [{ IsKnown: false } first, ..] && !sizes.ContainsKey(input.Name + ":0")) sizes.TryAdd(first.Symbol ?? input.Name + ":0", 1);
        DimensionFixing.Apply(model, sizes);
        try
        {
            return MacCounter.Count(model.Graph);
        }
        catch (OverflowException)
        {
            // Dimensions that no memory could hold; there is no number to give.
            return null;
        }
    }
}
