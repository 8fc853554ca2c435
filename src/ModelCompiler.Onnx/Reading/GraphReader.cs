using Google.Protobuf.Collections;
using ModelCompiler.Diagnostics;
using ModelCompiler.Onnx.Protos;

namespace ModelCompiler.Onnx;

/// <summary>
/// Reads one graph. All of its values are declared before any node is connected: nodes may stand in any order, and the names of an outer graph
/// are its own before a subgraph can claim one.
/// </summary>
internal sealed class GraphReader(TensorReader tensors, Graph graph, GraphReader? outer)
{
    private readonly Dictionary<string, Value> _values = new(StringComparer.Ordinal);

    /// <summary>Reads a graph; nesting is bounded by the check of the file.</summary>
    public void Read(GraphProto proto)
    {
        // An initializer that is listed as an input too is a constant: format versions below 4 demand the listing, and exporters keep to it for
        // weights that nobody wants to replace. Those that somebody does are named (Graph.MakeInput).
        var constants = proto.Initializer.Select(t => t.Name).Concat(proto.SparseInitializer.Select(t => t.Values?.Name ?? "")).ToHashSet(StringComparer.Ordinal);
        foreach (ValueInfoProto input in proto.Input)
            if (!constants.Contains(input.Name)) DeclareInput(input);
        foreach (TensorProto tensor in proto.Initializer) DeclareInitializer(tensor);
        foreach (SparseTensorProto tensor in proto.SparseInitializer) DeclareSparse(tensor);
        Node[] nodes = DeclareNodes(proto.Node);
        Connect(nodes, proto.Node);
        foreach (ValueInfoProto info in proto.ValueInfo) Describe(info);
        // Exporters list an output twice where a program returns it twice: by its name it is one. In a subgraph the place counts.
        foreach (ValueInfoProto output in outer is null ? proto.Output.DistinctBy(output => output.Name) : proto.Output)
        {
            graph.AddOutput(Find(output.Name) ?? throw Invalid($"output '{output.Name}' of graph '{graph.Name}' is computed nowhere"));
            Describe(output);
        }
    }

    /// <summary>Reads the body of a function, whose parameters and results have names only.</summary>
    public void ReadBody(FunctionProto proto)
    {
        foreach (string input in proto.Input) DeclareInput(new ValueInfoProto { Name = input });
        Node[] nodes = DeclareNodes(proto.Node);
        Connect(nodes, proto.Node);
        foreach (ValueInfoProto info in proto.ValueInfo) Describe(info);
        foreach (string output in proto.Output)
            graph.AddOutput(Find(output) ?? throw Invalid($"result '{output}' of function '{proto.Name}' is computed nowhere"));
    }

    /// <summary>Reads an attribute; its subgraphs see this graph's values.</summary>
    public NodeAttribute ReadAttribute(AttributeProto proto) => AttributeReader.Read(proto, tensors, ReadSubgraph);

    private Graph ReadSubgraph(GraphProto proto)
    {
        var inner = new Graph(proto.Name, graph) { Doc = proto.DocString, Extras = proto.Remainder() };
        new GraphReader(tensors, inner, this).Read(proto);
        return inner;
    }

    private void DeclareInput(ValueInfoProto proto)
    {
        if (proto.Name.Length == 0) throw Invalid($"an input of graph '{graph.Name}' has no name");
        Declare(proto.Name, graph.AddInput(proto.Name, null));
        Describe(proto);
    }

    private void DeclareInitializer(TensorProto proto)
    {
        if (proto.Name.Length == 0) throw Invalid($"an initializer of graph '{graph.Name}' has no name");
        Tensor tensor = tensors.Read(proto, keepName: false);
        // ONNX Runtime takes the last one, with a warning.
        if (_values.TryGetValue(proto.Name, out Value? value) && value.Initializer is not null) graph.SetInitializer(value, tensor);
        else Declare(proto.Name, graph.AddInitializer(proto.Name, tensor));
    }

    /// <summary>A sparse initializer is what a Constant node of a sparse value computes.</summary>
    private void DeclareSparse(SparseTensorProto proto)
    {
        SparseTensor tensor = tensors.Read(proto);
        if (tensor.Name.Length == 0) throw Invalid($"a sparse initializer of graph '{graph.Name}' has no name");
        Node node = graph.AddNode("Constant", [], [tensor.Name]);
        node.Attributes.Set(new NodeAttribute("sparse_value", AttributeKind.SparseTensor, tensor));
        Declare(tensor.Name, node.Output);
    }

    private Node[] DeclareNodes(RepeatedField<NodeProto> protos)
    {
        var nodes = new Node[protos.Count];
        for (int i = 0; i < nodes.Length; i++)
        {
            nodes[i] = NodeReader.Declare(graph, protos[i]);
            for (int k = 0; k < protos[i].Output.Count; k++)
                if (protos[i].Output[k] is { Length: > 0 } name) Declare(name, nodes[i].Outputs[k]);
        }
        return nodes;
    }

    private void Connect(Node[] nodes, RepeatedField<NodeProto> protos)
    {
        for (int i = 0; i < nodes.Length; i++)
        {
            RepeatedField<string> names = protos[i].Input;
            for (int k = 0; k < names.Count; k++)
                if (names[k] is { Length: > 0 } name) nodes[i].SetInput(k, Find(name) ?? throw Invalid($"node '{nodes[i]}' reads '{name}', which nothing defines"));
        }
        for (int i = 0; i < nodes.Length; i++) NodeReader.ReadAttributes(nodes[i], protos[i], this);
    }

    private void Declare(string name, Value value)
    {
        if (!_values.TryAdd(name, value)) throw Invalid($"'{name}' is defined twice in graph '{graph.Name}'");
    }

    /// <summary>The value that a name means here: this graph's own before those around it.</summary>
    private Value? Find(string name)
    {
        for (GraphReader? reader = this; reader is not null; reader = reader.Outer)
            if (reader._values.TryGetValue(name, out Value? value)) return value;
        return null;
    }

    private GraphReader? Outer => outer;

    /// <summary>Takes over what the file says of a value of this graph. A constant knows better, and other names mean nothing.</summary>
    private void Describe(ValueInfoProto proto)
    {
        if (!_values.TryGetValue(proto.Name, out Value? value)) return;
        if (proto.DocString.Length > 0) value.Doc = proto.DocString;
        if (value.Initializer is not null) return;
        OnnxType? type = TypeCodec.Decode(proto.Type);
        // A value that is both input and output keeps what was said of the input.
        if (type is not null && (!value.IsInput || value.Type is null)) value.Type = type;
        value.Extras = proto.Remainder(isTypeLossy: proto.Type is not null && !proto.Type.Equals(TypeCodec.Encode(type))) ?? value.Extras;
    }

    private static CompilerException Invalid(string what) => new(DiagnosticTable.ModelInvalid, what);
}
