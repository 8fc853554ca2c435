namespace ModelCompiler.Onnx;

/// <summary>Copies models: graphs, nodes and values anew, tensors and other immutable parts shared. Names are kept.</summary>
public static class ModelCloner
{
    /// <summary>A copy that can be changed without touching <paramref name="model"/>. Subgraphs are copied too.</summary>
    public static Model Clone(this Model model)
    {
        var copy = new Model(new Graph(model.Graph.Name))
        {
            IrVersion = model.IrVersion,
            ProducerName = model.ProducerName,
            ProducerVersion = model.ProducerVersion,
            Domain = model.Domain,
            ModelVersion = model.ModelVersion,
            Doc = model.Doc,
            Extras = model.Extras,
        };
        foreach ((string domain, long version) in model.Opsets) copy.Opsets[domain] = version;
        copy.Metadata.AddRange(model.Metadata);
        // Functions are replaced as a whole and never edited.
        copy.Functions.AddRange(model.Functions);
        CopyGraph(model.Graph, copy.Graph, []);
        return copy;
    }

    /// <summary>Fills an empty graph; <paramref name="map"/> leads from the values around it, and then in it, to their copies.</summary>
    private static void CopyGraph(Graph source, Graph target, Dictionary<Value, Value> map)
    {
        target.Doc = source.Doc;
        target.Extras = source.Extras;
        foreach (Value input in source.Inputs) map[input] = WithDetails(target.AddInput(input.Name, input.Type), input);
        CopyContent(source, target, map, null);
        foreach (Value output in source.Outputs) target.AddOutput(Find(map, output));
    }

    /// <summary>Adds copies of constants and nodes to a graph. A value that is not in <paramref name="map"/> stands for itself.</summary>
    internal static List<Node> CopyContent(Graph source, Graph target, Dictionary<Value, Value> map, Node? before)
    {
        foreach (Value constant in source.Initializers) map[constant] = WithDetails(target.AddInitializer(constant.Name, constant.Initializer!), constant);
        // Outputs before inputs: nodes need not stand in order.
        var copies = new List<(Node Source, Node Copy)>(source.Nodes.Count);
        foreach (Node node in source.Nodes) copies.Add((node, CopyNode(node, target, map, before)));
        foreach ((Node node, Node copy) in copies)
        {
            for (int i = 0; i < node.Inputs.Length; i++) copy.SetInput(i, node.Inputs[i] is { } input ? Find(map, input) : null);
            foreach (NodeAttribute attribute in node.Attributes) copy.Attributes.Set(CopyAttribute(attribute, target, map));
        }
        return copies.ConvertAll(pair => pair.Copy);
    }

    internal static Value Find(Dictionary<Value, Value> map, Value value) => map.GetValueOrDefault(value, value);

    private static Node CopyNode(Node node, Graph target, Dictionary<Value, Value> map, Node? before)
    {
        string[] names = [.. node.OutputArray.Select(output => output.Name)];
        Node copy = target.AddNode(node.OpType, [], names, node.Domain, node.Name, before);
        copy.Doc = node.Doc;
        copy.Overload = node.Overload;
        copy.Extras = node.Extras;
        for (int i = 0; i < names.Length; i++) map[node.OutputArray[i]] = WithDetails(copy.OutputArray[i], node.OutputArray[i]);
        return copy;
    }

    private static NodeAttribute CopyAttribute(NodeAttribute attribute, Graph target, Dictionary<Value, Value> map) => attribute.Value switch
    {
        Graph graph => new NodeAttribute(attribute.Name, attribute.Kind, CopySubgraph(graph, target, map), attribute.Reference),
        Graph[] graphs => new NodeAttribute(attribute.Name, attribute.Kind, Array.ConvertAll(graphs, g => CopySubgraph(g, target, map)), attribute.Reference),
        _ => attribute,
    };

    private static Graph CopySubgraph(Graph source, Graph outer, Dictionary<Value, Value> map)
    {
        var graph = new Graph(source.Name, outer);
        CopyGraph(source, graph, map);
        return graph;
    }

    private static Value WithDetails(Value copy, Value source)
    {
        copy.Type = source.Type;
        copy.Doc = source.Doc;
        copy.Extras = source.Extras;
        return copy;
    }
}
