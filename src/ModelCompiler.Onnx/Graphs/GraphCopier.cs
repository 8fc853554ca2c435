using ModelCompiler.Diagnostics;

namespace ModelCompiler.Onnx;

/// <summary>Copies the content of graphs: nodes and values anew, tensors and other immutable parts shared.</summary>
internal sealed class GraphCopier
{
    private readonly Dictionary<Value, Value?> _map = [];

    /// <summary>What becomes of an attribute; null drops it. The attribute itself by default; subgraphs are copied in any case.</summary>
    public Func<NodeAttribute, NodeAttribute?> Substitute { get; init; } = attribute => attribute;

    /// <summary>Whether values keep what is said of them: types, documentation.</summary>
    public bool KeepsDetails { get; init; } = true;

    /// <summary>What comes before the names of nodes.</summary>
    public string NodePrefix { get; init; } = "";

    /// <summary>Lets the copies read <paramref name="replacement"/> where the source reads <paramref name="value"/>; null leaves the input out.</summary>
    public void Map(Value value, Value? replacement) => _map[value] = replacement;

    /// <summary>What a value of the source is in the copy: a value that is not copied is itself.</summary>
    public Value? Of(Value value) => _map.TryGetValue(value, out Value? copy) ? copy : value;

    /// <summary>Fills an empty graph with the inputs, the content and the outputs of <paramref name="source"/>.</summary>
    public void CopyGraph(Graph source, Graph target)
    {
        target.Doc = source.Doc;
        target.Extras = source.Extras;
        foreach (Value input in source.Inputs)
        {
            Value copy = WithDetails(target.AddInput(input.Name, input.Type), input);
            copy.Default = input.Default;
            Map(input, copy);
        }
        CopyContent(source, target, null);
        foreach (Value output in source.Outputs)
            target.AddOutput(Of(output) ?? throw new CompilerException(DiagnosticTable.ModelInvalid, $"graph '{source.Name}' hands out '{output}', which is not given to it"));
    }

    /// <summary>Copies initializers and nodes into a graph, before <paramref name="before"/> or at the end.</summary>
    public void CopyContent(Graph source, Graph target, Node? before)
    {
        foreach (Value constant in source.Initializers) Map(constant, WithDetails(target.AddInitializer(constant.Name, constant.Initializer!), constant));
        // Outputs before inputs: nodes need not stand in order.
        var copies = new List<(Node Source, Node Copy)>(source.Nodes.Count);
        foreach (Node node in source.Nodes) copies.Add((node, CopyNode(node, target, before)));
        foreach ((Node node, Node copy) in copies)
        {
            for (int i = 0; i < node.Inputs.Length; i++)
                if (node.Inputs[i] is { } input) copy.SetInput(i, Of(input));
            foreach (NodeAttribute attribute in node.Attributes)
                if (Copy(attribute, target) is { } copied) copy.Attributes.Set(copied);
        }
    }

    private Node CopyNode(Node node, Graph target, Node? before)
    {
        string[] names = [.. node.OutputArray.Select(output => output.Name)];
        Node copy = target.AddNode(node.OpType, new Value?[node.Inputs.Length], names, node.Domain, node.Name.Length == 0 ? "" : NodePrefix + node.Name, before);
        copy.Doc = node.Doc;
        copy.Overload = node.Overload;
        copy.Extras = node.Extras;
        for (int i = 0; i < names.Length; i++) Map(node.OutputArray[i], WithDetails(copy.OutputArray[i], node.OutputArray[i]));
        return copy;
    }

    private NodeAttribute? Copy(NodeAttribute source, Graph target)
    {
        NodeAttribute? attribute = Substitute(source);
        object? value = attribute?.Value switch
        {
            Graph graph => CopySubgraph(graph, target),
            Graph[] graphs => Array.ConvertAll(graphs, graph => CopySubgraph(graph, target)),
            _ => null,
        };
        return value is null ? attribute : new NodeAttribute(attribute!.Name, attribute.Kind, value, attribute.Reference) { Extras = attribute.Extras };
    }

    private Graph CopySubgraph(Graph source, Graph outer)
    {
        var graph = new Graph(source.Name, outer);
        CopyGraph(source, graph);
        return graph;
    }

    private Value WithDetails(Value copy, Value source)
    {
        if (!KeepsDetails) return copy;
        copy.Type = source.Type;
        copy.Doc = source.Doc;
        copy.Extras = source.Extras;
        return copy;
    }
}
