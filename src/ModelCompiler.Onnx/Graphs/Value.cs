namespace ModelCompiler.Onnx;

/// <summary>A place where a value is read: input <paramref name="Index"/> of <paramref name="Node"/>.</summary>
public readonly record struct Use(Node Node, int Index);

/// <summary>
/// A named value of a graph: an input, an initializer or an output of a node. Nodes refer to values by reference, so renaming one is free,
/// and a subgraph captures an outer value by using it.
/// </summary>
public sealed class Value
{
    internal readonly List<Use> UseList = [];

    internal Value(Graph graph, string name, OnnxType? type)
    {
        Graph = graph;
        Name = name;
        Type = type;
    }

    /// <summary>The graph that defines the value.</summary>
    public Graph Graph { get; }

    /// <summary>The name: unique in its graph, and given to the outside where the value is an input or output of the model.</summary>
    public string Name { get; internal set; }

    /// <summary>The type as far as it is known, or null.</summary>
    public OnnxType? Type { get; set; }

    /// <summary>The documentation of the file.</summary>
    public string Doc { get; set; } = "";

    /// <summary>The node that computes the value; null for inputs and initializers.</summary>
    public Node? Producer { get; internal set; }

    /// <summary>Which output of <see cref="Producer"/> the value is.</summary>
    public int ProducerIndex { get; internal set; }

    /// <summary>The constant that the value is; null for computed values and plain inputs.</summary>
    public Tensor? Initializer { get; internal set; }

    /// <summary>Whether the value is an input of its graph.</summary>
    public bool IsInput { get; internal set; }

    /// <summary>What an input is where a caller gives nothing; null for inputs that must be given. It is no constant: callers may replace it.</summary>
    public Tensor? Default { get; internal set; }

    /// <summary>Whether the value is an output of any graph: its own, or a subgraph that hands an outer value on.</summary>
    public bool IsOutput => OutputCount > 0;

    /// <summary>The nodes that read the value, nodes of subgraphs among them; the order is arbitrary but deterministic.</summary>
    public IReadOnlyList<Use> Uses => UseList;

    /// <summary>Whether nothing reads the value.</summary>
    public bool IsUnused => UseList.Count == 0 && OutputCount == 0;

    /// <summary>Whether exactly one node input reads the value and no graph hands it out.</summary>
    public bool HasSingleUse => UseList.Count == 1 && OutputCount == 0;

    /// <summary>The type as a tensor type, or null where it is none or unknown.</summary>
    public TensorType? TensorType => Type as TensorType;

    /// <summary>The shape, or null where not even the rank is known.</summary>
    public Shape? Shape => Initializer is { } tensor ? tensor.Type.Shape : TensorType?.Shape;

    /// <summary>The element type, or <see cref="ElementType.Undefined"/>.</summary>
    public ElementType ElementType => Initializer?.ElementType ?? TensorType?.ElementType ?? ElementType.Undefined;

    /// <summary>What inference knows of the elements of a small tensor, row-major; null where it knows nothing. Ask <see cref="ShapeInference.KnownElements"/>.</summary>
    internal IntegerExpression[]? Elements { get; set; }

    /// <summary>How many graph outputs the value is.</summary>
    internal int OutputCount { get; set; }

    /// <summary>What the file said of the value that this model does not hold (unknown fields, metadata).</summary>
    internal object? Extras { get; set; }

    /// <inheritdoc/>
    public override string ToString() => Name;
}
