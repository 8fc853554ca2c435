using Google.Protobuf;
using Google.Protobuf.Collections;
using ModelCompiler.Onnx.Protos;

namespace ModelCompiler.Onnx;

/// <summary>Builds the messages of a graph, of what is in it and of its subgraphs.</summary>
internal sealed class GraphWriter(TensorWriter tensors, ValueNames names, WriteOptions options, long irVersion)
{
    /// <summary>From this version of the format on, a constant need not be listed among the inputs.</summary>
    private const long ConstantsAreNoInputs = 4;

    public GraphProto Write(Graph graph)
    {
        var proto = Remainders.Start<GraphProto>(graph.Extras);
        proto.Name = graph.Name;
        proto.DocString = graph.Doc;
        foreach (Value input in graph.Inputs)
        {
            proto.Input.Add(Describe(input));
            if (input.Default is { } tensor) proto.Initializer.Add(tensors.WriteInitializer(names[input], tensor));
        }
        foreach (Value constant in graph.Initializers)
        {
            proto.Initializer.Add(tensors.WriteInitializer(names[constant], constant.Initializer!));
            if (irVersion < ConstantsAreNoInputs) proto.Input.Add(Describe(constant));
        }
        AddNodes(graph, proto.Node);
        foreach (Value output in graph.Outputs) proto.Output.Add(Describe(output));
        foreach (Value value in Described(graph)) proto.ValueInfo.Add(Describe(value));
        DropStaleAnnotations(graph, proto);
        return proto;
    }

    /// <summary>Writes the body of a function, which cannot hold initializers: they become Constant nodes.</summary>
    public void WriteBody(Graph body, FunctionProto proto)
    {
        proto.DocString = body.Doc;
        foreach (Value input in body.Inputs) proto.Input.Add(names[input]);
        foreach (Value constant in body.Initializers)
        {
            var value = new AttributeProto { Name = "value", Type = (int)AttributeKind.Tensor, T = TensorWriter.Write(constant.Initializer!) };
            proto.Node.Add(new NodeProto { OpType = "Constant", Output = { names[constant] }, Attribute = { value } });
        }
        AddNodes(body, proto.Node);
        foreach (Value output in body.Outputs) proto.Output.Add(names[output]);
        foreach (Value value in body.Inputs.Concat(Described(body)).Concat(body.Outputs.Distinct()))
            if (value.Type is not null) proto.ValueInfo.Add(Describe(value));
    }

    public AttributeProto Write(NodeAttribute attribute)
    {
        if (!Enum.IsDefined(attribute.Kind)) return ((AttributeProto)attribute.Extras!).Clone();
        var proto = Remainders.Start<AttributeProto>(attribute.Extras);
        proto.Name = attribute.Name;
        proto.Type = (int)attribute.Kind;
        proto.RefAttrName = attribute.Reference ?? "";
        SetValue(proto, attribute.Value);
        return proto;
    }

    private void SetValue(AttributeProto proto, object? value)
    {
        switch (value)
        {
            case null: break;
            case float v: proto.F = v; break;
            case long v: proto.I = v; break;
            case byte[] v: proto.S = UnsafeByteOperations.UnsafeWrap(v); break;
            case Tensor v: proto.T = TensorWriter.Write(v); break;
            case Graph v: proto.G = Write(v); break;
            case SparseTensor v: proto.SparseTensor = TensorWriter.Write(v); break;
            case OnnxType v: proto.Tp = TypeCodec.Encode(v); break;
            case float[] v: proto.Floats.Add(v); break;
            case long[] v: proto.Ints.Add(v); break;
            case byte[][] v: proto.Strings.Add(v.Select(s => UnsafeByteOperations.UnsafeWrap(s))); break;
            case Tensor[] v: proto.Tensors.Add(v.Select(TensorWriter.Write)); break;
            case Graph[] v: proto.Graphs.Add(v.Select(Write)); break;
            case SparseTensor[] v: proto.SparseTensors.Add(v.Select(TensorWriter.Write)); break;
            case OnnxType[] v: proto.TypeProtos.Add(v.Select(TypeCodec.Encode)); break;
            default: throw new InvalidOperationException($"Attribute '{proto.Name}' holds a {value.GetType()}.");
        }
    }

    /// <summary>A name may be repeated in the graph model, and ONNX Runtime refuses a file in which one is.</summary>
    private void AddNodes(Graph graph, RepeatedField<NodeProto> protos)
    {
        var taken = new NameScope();
        foreach (Node node in graph.Nodes)
        {
            NodeProto proto = Write(node);
            if (node.Name.Length > 0) proto.Name = taken.Claim(node.Name);
            protos.Add(proto);
        }
    }

    private NodeProto Write(Node node)
    {
        var proto = Remainders.Start<NodeProto>(node.Extras);
        proto.OpType = node.OpType;
        proto.Domain = node.Domain;
        proto.Overload = node.Overload;
        proto.DocString = node.Doc;
        foreach (Value? input in node.Inputs) proto.Input.Add(names[input]);
        foreach (Value output in node.Outputs) proto.Output.Add(names[output]);
        foreach (NodeAttribute attribute in node.Attributes) proto.Attribute.Add(Write(attribute));
        return proto;
    }

    /// <summary>The inner values of which the file says something.</summary>
    private IEnumerable<Value> Described(Graph graph)
    {
        foreach (Node node in graph.Nodes)
            foreach (Value value in node.OutputArray)
                if (value is { Name.Length: > 0, IsOutput: false } && ((options.InnerTypes && value.Type is not null) || value.Extras is not null || value.Doc.Length > 0))
                    yield return value;
    }

    private ValueInfoProto Describe(Value value)
    {
        var proto = Remainders.Start<ValueInfoProto>(value.Extras);
        proto.Name = names[value];
        proto.DocString = value.Doc;
        OnnxType? type = value.Initializer?.Type ?? value.Type;
        // The type as the file had it says more than the graph model, as long as it is still the same.
        if (proto.Type is null || !Equals(TypeCodec.Decode(proto.Type), type)) proto.Type = TypeCodec.Encode(type);
        return proto;
    }

    private void DropStaleAnnotations(Graph graph, GraphProto proto)
    {
        if (proto.QuantizationAnnotation.Count == 0) return;
        var current = graph.Values().Select(v => names[v]).ToHashSet(StringComparer.Ordinal);
        TensorAnnotation[] valid = [.. proto.QuantizationAnnotation.Where(a => current.Contains(a.TensorName))];
        proto.QuantizationAnnotation.Clear();
        proto.QuantizationAnnotation.Add(valid);
    }
}
