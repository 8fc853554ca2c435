using System.Text;

namespace ModelCompiler.Onnx;

/// <summary>The kind of an attribute; the numbers are those of <c>AttributeProto.AttributeType</c>.</summary>
public enum AttributeKind
{
    Undefined = 0,
    Float = 1,
    Int = 2,
    String = 3,
    Tensor = 4,
    Graph = 5,
    Floats = 6,
    Ints = 7,
    Strings = 8,
    Tensors = 9,
    Graphs = 10,
    SparseTensor = 11,
    SparseTensors = 12,
    Type = 13,
    Types = 14,
}

/// <summary>A named, immutable argument of a node. Graph attributes hold the subgraphs of If, Loop and Scan.</summary>
public sealed class NodeAttribute
{
    private readonly object? _value;

    /// <summary>An attribute of any kind. <paramref name="value"/> is float, long, byte[] (a string), <see cref="Onnx.Tensor"/>, <see cref="Graph"/>, an array of one of these, <see cref="Onnx.SparseTensor"/> or <see cref="OnnxType"/>.</summary>
    internal NodeAttribute(string name, AttributeKind kind, object? value, string? reference = null)
    {
        Name = name;
        Kind = kind;
        _value = value;
        Reference = reference;
    }

    public NodeAttribute(string name, float value) : this(name, AttributeKind.Float, value) { }

    public NodeAttribute(string name, long value) : this(name, AttributeKind.Int, value) { }

    public NodeAttribute(string name, string value) : this(name, AttributeKind.String, Encoding.UTF8.GetBytes(value)) { }

    public NodeAttribute(string name, Tensor value) : this(name, AttributeKind.Tensor, value) { }

    public NodeAttribute(string name, Graph value) : this(name, AttributeKind.Graph, value) { }

    public NodeAttribute(string name, float[] value) : this(name, AttributeKind.Floats, value) { }

    public NodeAttribute(string name, long[] value) : this(name, AttributeKind.Ints, value) { }

    public NodeAttribute(string name, string[] value) : this(name, AttributeKind.Strings, Array.ConvertAll(value, Encoding.UTF8.GetBytes)) { }

    /// <summary>The name, unique in its node.</summary>
    public string Name { get; }

    /// <summary>What kind of value it has.</summary>
    public AttributeKind Kind { get; }

    /// <summary>Inside a local function: the attribute of the function that gives the value; else null.</summary>
    public string? Reference { get; }

    /// <summary>The value, as given to the constructor.</summary>
    internal object? Value => _value;

    /// <summary>What the file said of the attribute that this model does not hold (documentation, unknown fields).</summary>
    internal object? Extras { get; init; }

    public float Float => As<float>();

    public long Int => As<long>();

    public string String => Encoding.UTF8.GetString(As<byte[]>());

    /// <summary>The bytes of a string, which need not be UTF-8.</summary>
    public ReadOnlySpan<byte> StringBytes => As<byte[]>();

    public Tensor Tensor => As<Tensor>();

    public Graph Graph => As<Graph>();

    public ReadOnlySpan<float> Floats => As<float[]>();

    public ReadOnlySpan<long> Ints => As<long[]>();

    public IReadOnlyList<string> Strings => Array.ConvertAll(As<byte[][]>(), Encoding.UTF8.GetString);

    public IReadOnlyList<Tensor> Tensors => As<Tensor[]>();

    public IReadOnlyList<Graph> Graphs => As<Graph[]>();

    public SparseTensor SparseTensor => As<SparseTensor>();

    public OnnxType Type => As<OnnxType>();

    private T As<T>() => _value is T value ? value : throw new InvalidOperationException($"Attribute '{Name}' is of kind {Kind}, not {typeof(T).Name}.");
}
