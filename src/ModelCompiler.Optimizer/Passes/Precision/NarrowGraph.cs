using ModelCompiler.Onnx;

namespace ModelCompiler.Optimizer.Passes.Precision;

/// <summary>
/// Computes a graph and its subgraphs in a narrower type of floating point. Inputs and outputs of the model keep theirs; nodes that stay in the wide type
/// stand between Casts. Types must be known.
/// </summary>
/// <param name="main">The graph of the model.</param>
/// <param name="wide">The type that it is computed in.</param>
/// <param name="narrow">The type that it is to be computed in.</param>
/// <param name="suffix">What names of narrow forms end in.</param>
internal sealed class NarrowGraph(Graph main, ElementType wide, ElementType narrow, string suffix)
{
    private readonly Dictionary<Value, Value> _narrow = [];
    private readonly Dictionary<(Value, Graph), Value> _wide = [];

    /// <summary>Which nodes stay in the wide type.</summary>
    public required Func<Node, bool> StaysWide { get; init; }

    /// <summary>Which inputs want it, those of nodes that stay in it among them.</summary>
    public required Func<Use, bool> WantsWide { get; init; }

    /// <summary>A constant in the narrow type; null where it does not fit.</summary>
    public required Func<Tensor, Tensor?> Constant { get; init; }

    /// <summary>A constant in the narrow type, whatever that loses.</summary>
    public required Func<Tensor, Tensor> Rounded { get; init; }

    /// <summary>The value that has a type for sure but not one that is known; null where all are.</summary>
    public static Value? Unknown(Graph main) =>
        main.AllGraphs().SelectMany(graph => graph.Values()).FirstOrDefault(value => value.Type is null or TensorType { ElementType: ElementType.Undefined });

    /// <summary>Converts.</summary>
    public void Convert()
    {
        List<Graph> graphs = [.. main.AllGraphs()];
        List<Node> nodes = [.. main.AllNodes()];
        List<Value> values = [.. graphs.SelectMany(graph => graph.Values()).Where(value => value.ElementType == wide)];
        var kept = values.Where(IsKept).ToHashSet();
        foreach (Value value in values)
            if (!kept.Contains(value)) value.Type = new TensorType(narrow, value.Shape);
        foreach (Value value in kept) FeedNarrow(value);
        foreach (Value value in values)
            if (!kept.Contains(value)) FeedWide(value);
        foreach (Node node in nodes)
            if (!StaysWide(node)) SetElementType(node);
        foreach (Value value in graphs.SelectMany(graph => graph.Initializers.ToList()))
            if (value.IsUnused && !value.IsInput) value.Graph.RemoveInitializer(value);
    }

    /// <summary>Inputs of the model, constants, and results of nodes that stay wide are wide; all else is narrow.</summary>
    private bool IsKept(Value value) => value.Initializer is not null || (value.Producer is { } producer ? StaysWide(producer) : ReferenceEquals(value.Graph, main));

    /// <summary>Lets what computes in the narrow type read the narrow form of a wide value.</summary>
    private void FeedNarrow(Value value)
    {
        foreach (Use use in value.Uses.ToList())
            if (!WantsWide(use)) use.Node.SetInput(use.Index, Narrow(value));
        ElementCasts.ReplaceOutputs(main, value, graph => ReferenceEquals(graph, main) ? value : Narrow(value));
    }

    /// <summary>Lets what computes in the wide type read the wide form of a narrow value, the model's outputs among it.</summary>
    private void FeedWide(Value value)
    {
        foreach (Use use in value.Uses.ToList())
            if (WantsWide(use)) use.Node.SetInput(use.Index, Wide(value, use.Node));
        if (main.Outputs.Contains(value)) ElementCasts.CastResult(main, value, wide, suffix);
    }

    private Value Narrow(Value value)
    {
        if (_narrow.TryGetValue(value, out Value? result)) return result;
        // A constant that does not fit is only read by nodes that stay wide, and here as the result of a branch.
        Tensor? tensor = value.Initializer is { } constant && !value.IsInput ? Constant(constant) : null;
        result = tensor is not null
            ? value.Graph.AddInitializer(value.Name + suffix, tensor)
            : ElementCasts.Cast(value.Graph, value, narrow, value.Producer is { } producer ? producer.Next : value.Graph.Nodes.First);
        _narrow.Add(value, result);
        return result;
    }

    private Value Wide(Value value, Node user)
    {
        if (_wide.TryGetValue((value, user.Graph), out Value? result)) return result;
        result = ElementCasts.Cast(user.Graph, value, wide, user);
        _wide.Add((value, user.Graph), result);
        return result;
    }

    /// <summary>Operators that name their element type in an attribute.</summary>
    private void SetElementType(Node node)
    {
        if (node.Is("Cast") && node.Attributes.GetInt("to", 0) == (long)wide) node.Attributes.Set("to", (long)narrow);
        if (!node.Is("ConstantOfShape") || node.Outputs[0].ElementType != narrow) return;
        // Without a value it gives zeros of float32.
        Tensor value = node.Attributes.Find("value")?.Tensor ?? Tensor.Vector(0f);
        if (value.ElementType == wide) node.Attributes.Set(new NodeAttribute("value", Rounded(value)));
    }
}
