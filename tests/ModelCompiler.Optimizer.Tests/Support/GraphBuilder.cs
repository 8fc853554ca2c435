using ModelCompiler.Onnx;

namespace ModelCompiler.Optimizer.Tests.Support;

/// <summary>
/// Writes down a small model in the order of its data flow:
/// <code>
/// var b = new GraphBuilder();
/// Value x = b.Input("x", 2, 3);
/// b.Output("y", b.Op("Transpose", [x], new("perm", [1L, 0L])));
/// Model model = b.Model;
/// </code>
/// </summary>
internal sealed class GraphBuilder
{
    public GraphBuilder(long opset = 17, long irVersion = 8)
    {
        Model = new Model(new Graph("test")) { IrVersion = irVersion };
        Model.Opsets[""] = opset;
        Graph = Model.Graph;
    }

    private GraphBuilder(Model model, Graph graph)
    {
        Model = model;
        Graph = graph;
    }

    public Model Model { get; }

    public Graph Graph { get; }

    /// <summary>A float input. Dimensions are numbers, or symbols by <see cref="Dim.Named"/>.</summary>
    public Value Input(string name, params ReadOnlySpan<Dim> dims) => Input(name, ElementType.Float, dims);

    public Value Input(string name, ElementType type, params ReadOnlySpan<Dim> dims) => Graph.AddInput(name, new TensorType(type, new Shape(dims)));

    /// <summary>An initializer; without dimensions, a vector.</summary>
    public Value Constant<T>(T[] values, params ReadOnlySpan<long> dims) where T : unmanaged =>
        Constant(dims.Length == 0 ? Tensor.Vector<T>(values) : Tensor.Create<T>(values, dims));

    public Value Constant(Tensor tensor, string name = "c") => Graph.AddInitializer(name, tensor);

    public Value Scalar<T>(T value) where T : unmanaged => Constant(Tensor.Scalar(value));

    /// <summary>An initializer of normally distributed floats, the same for the same seed.</summary>
    public Value Weights(int seed, params ReadOnlySpan<long> dims) => Constant(TestTensors.Normal(seed, dims), "w");

    public Value Op(string opType, params ReadOnlySpan<Value?> inputs) => Node(opType, inputs).Outputs[0];

    public Value Op(string opType, ReadOnlySpan<Value?> inputs, params ReadOnlySpan<NodeAttribute> attributes) =>
        Node(opType, inputs, 1, "", attributes).Outputs[0];

    /// <summary>A node of ONNX Runtime's own domain.</summary>
    public Value Contrib(string opType, ReadOnlySpan<Value?> inputs, params ReadOnlySpan<NodeAttribute> attributes)
    {
        Model.Opsets["com.microsoft"] = 1;
        return Node(opType, inputs, 1, "com.microsoft", attributes).Outputs[0];
    }

    /// <summary>A node of any number of outputs.</summary>
    public Node Node(string opType, ReadOnlySpan<Value?> inputs, int outputs = 1, string domain = "", params ReadOnlySpan<NodeAttribute> attributes)
    {
        Node node = Graph.AddNode(opType, inputs, outputs, domain, $"{opType}_{Graph.Nodes.Count}");
        foreach (NodeAttribute attribute in attributes) node.Attributes.Set(attribute);
        return node;
    }

    /// <summary>A subgraph that may use the values of this graph; given to a node as an attribute.</summary>
    public Graph Subgraph(string name, Action<GraphBuilder> body)
    {
        var graph = new Graph(name, Graph);
        body(new GraphBuilder(Model, graph));
        return graph;
    }

    /// <summary>Names a value and hands it to the outside. Its type may be left to inference.</summary>
    public GraphBuilder Output(string name, Value value, OnnxType? type = null)
    {
        if (value.Name != name) Graph.Rename(value, name);
        value.Type ??= type;
        Graph.AddOutput(value);
        return this;
    }
}
