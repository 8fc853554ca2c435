namespace ModelCompiler.Onnx.Inference;

/// <summary>
/// One node as its rule sees it: inputs as far as they are known, attributes, and outputs to set. Nothing here throws on a malformed node:
/// what is missing or of the wrong kind is null or the default.
/// </summary>
internal sealed class InferenceContext
{
    /// <summary>No runtime handles tensors of more dimensions; a longer list is no shape.</summary>
    public const int MaxRank = 64;

    private readonly OnnxType?[] _types;
    private IntegerExpression[]?[]? _elements;
    private List<string>? _contradictions;

    public InferenceContext(InferenceEngine engine, Node node, long opsetVersion)
    {
        Engine = engine;
        Node = node;
        OpsetVersion = opsetVersion;
        _types = new OnnxType?[node.Outputs.Length];
    }

    public InferenceEngine Engine { get; }

    public Node Node { get; }

    /// <summary>The version of the operator set that the node's domain is imported in.</summary>
    public long OpsetVersion { get; }

    public int InputCount => Node.Inputs.Length;

    public int OutputCount => _types.Length;

    /// <summary>Why something stays unknown, if the rule said so.</summary>
    public string? Reason { get; private set; }

    /// <summary>Whether the rule made a dimension of its own by <see cref="Fresh"/>.</summary>
    public bool HasFresh { get; private set; }

    public IReadOnlyList<string> Contradictions => _contradictions ?? (IReadOnlyList<string>)[];

    /// <summary>Whether an optional input is given.</summary>
    public bool HasInput(int index) => Node.Input(index) is not null;

    /// <summary>Whether an optional output is wanted.</summary>
    public bool HasOutput(int index) => index < Node.Outputs.Length && Node.Outputs[index].Name.Length > 0;

    public OnnxType? Type(int index) => Node.Input(index) is { } value ? value.Type ?? value.Initializer?.Type : null;

    /// <summary>The element type of a tensor input, or <see cref="ElementType.Undefined"/>.</summary>
    public ElementType Element(int index) => Type(index) is TensorType tensor ? tensor.ElementType : ElementType.Undefined;

    /// <summary>The shape of a tensor input, or null.</summary>
    public Shape? Shape(int index) => (Type(index) as TensorType)?.Shape;

    /// <summary>Dimension <paramref name="axis"/> of an input, counted from the end where it is negative; unknown where there is none.</summary>
    public Dim Dimension(int index, int axis)
    {
        if (Shape(index) is not { } shape) return Dim.Unknown;
        int position = axis < 0 ? axis + shape.Rank : axis;
        return position >= 0 && position < shape.Rank ? shape[position] : Dim.Unknown;
    }

    /// <summary>The constant of an input, be it an initializer or the output of a Constant node; or null.</summary>
    public Tensor? Constant(int index) => Node.Input(index) is not { } value ? null
        : value.Initializer ?? (value.Producer is { } producer && producer.Is("Constant") ? producer.Attributes.Find("value")?.Value as Tensor : null);

    /// <summary>What is known of the elements of an input, or null.</summary>
    public IntegerExpression[]? Elements(int index) => Node.Input(index) is { } value ? TensorElements.Of(value) : null;

    /// <summary>The elements of an input if all are numbers, or null.</summary>
    public long[]? Numbers(int index)
    {
        if (Elements(index) is not { } elements || Array.Exists(elements, e => !e.IsKnown)) return null;
        return Array.ConvertAll(elements, e => e.ValueOrNull ?? 0);
    }

    /// <summary>The number that an input of one element holds, or null.</summary>
    public long? Number(int index) => Elements(index) is [var element] ? element.ValueOrNull : null;

    public long Int(string name, long defaultValue) => Node.Attributes.Find(name)?.Value is long value ? value : defaultValue;

    public float Float(string name, float defaultValue) => Node.Attributes.Find(name)?.Value is float value ? value : defaultValue;

    public string String(string name, string defaultValue) =>
        Node.Attributes.Find(name) is { Value: byte[] } attribute ? attribute.String : defaultValue;

    /// <summary>The integers of an attribute, not to be changed; or null.</summary>
    public long[]? Ints(string name) => Node.Attributes.Find(name)?.Value as long[];

    public Graph? Subgraph(string name) => Node.Attributes.Find(name)?.Value as Graph;

    /// <summary>The value of an attribute as it is, or null.</summary>
    public object? Attribute(string name) => Node.Attributes.Find(name)?.Value;

    public void Set(int output, OnnxType? type)
    {
        if (output < _types.Length) _types[output] = type;
    }

    /// <summary>Sets an output to a tensor; a null shape is one of unknown rank.</summary>
    public void Set(int output, ElementType element, Shape? shape)
    {
        if (shape is { Rank: > MaxRank })
        {
            Because($"a rank of {shape.Rank} is more than {MaxRank}");
            shape = null;
        }
        if (element != ElementType.Undefined || shape is not null) Set(output, new TensorType(element, shape));
    }

    /// <summary>Says what is known of the elements of an output of static shape.</summary>
    public void SetElements(int output, IntegerExpression[]? elements)
    {
        if (output >= _types.Length || elements is null || _types[output] is not TensorType { Shape: { } shape } type) return;
        if (!TensorElements.IsFollowed(type.ElementType, elements.Length)) return;
        if (!shape.IsStatic || ShapeMath.Product(shape.Dims).ValueOrNull != elements.Length) return;
        elements = Array.ConvertAll(elements, element => TensorElements.In(type.ElementType, element));
        if (Array.TrueForAll(elements, e => e.IsUnknown)) return;
        _elements ??= new IntegerExpression[]?[_types.Length];
        _elements[output] = elements;
    }

    /// <summary>Says why something stays unknown. The first reason stands.</summary>
    public void Because(string reason) => Reason ??= reason;

    /// <summary>A dimension that only the run tells, the same in every output that it is set in.</summary>
    public Dim Fresh(string reason)
    {
        Because(reason);
        HasFresh = true;
        return Dim.Fresh();
    }

    /// <summary>Says what in the model cannot be.</summary>
    public void Contradiction(string text) => (_contradictions ??= []).Add(text);

    public OnnxType? OutputType(int index) => index < _types.Length ? _types[index] : null;

    public IntegerExpression[]? OutputElements(int index) => _elements?[index];
}
