namespace ModelCompiler.Onnx;

/// <summary>A model file: its graph, the operator sets that the graph is written in, local functions and metadata.</summary>
public sealed class Model
{
    /// <summary>A model of a graph.</summary>
    public Model(Graph graph) => Graph = graph;

    /// <summary>The main graph.</summary>
    public Graph Graph { get; }

    /// <summary>The version of the file format.</summary>
    public long IrVersion { get; set; } = 8;

    /// <summary>Operator set versions by domain; ONNX's own is the empty string.</summary>
    public SortedDictionary<string, long> Opsets { get; } = new(StringComparer.Ordinal);

    /// <summary>The version of ONNX's own operator set.</summary>
    public long Opset => Opsets.GetValueOrDefault("", 1);

    /// <summary>Functions that nodes call by (domain, name, overload).</summary>
    public List<Function> Functions { get; } = [];

    /// <summary>Free key-value pairs (<c>metadata_props</c>), in order.</summary>
    public List<KeyValuePair<string, string>> Metadata { get; } = [];

    public string ProducerName { get; set; } = "";

    public string ProducerVersion { get; set; } = "";

    public string Domain { get; set; } = "";

    public long ModelVersion { get; set; }

    public string Doc { get; set; } = "";

    /// <summary>What the file said that this model does not hold (unknown fields, training information).</summary>
    internal object? Extras { get; set; }
}
