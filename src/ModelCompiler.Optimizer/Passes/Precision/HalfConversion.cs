using ModelCompiler.Onnx;

namespace ModelCompiler.Optimizer.Passes.Precision;

/// <summary>
/// Computes a graph and its subgraphs in 16 bits: for providers that run them natively. Inputs and outputs of the model keep their types; nodes that
/// cannot, or whose constants the format cannot hold, stay in float32 between Casts. Types are inferred anew from what is left.
/// </summary>
public sealed class HalfConversion(HalfFormat format) : IPass
{
    private readonly Dictionary<Value, Value> _halves = [];
    private readonly Dictionary<(Value, Graph), Value> _floats = [];
    private readonly List<(string Node, string Reason)> _refusals = [];
    private bool _isCarriedOut;

    /// <inheritdoc/>
    public string Name => "half-conversion";

    /// <inheritdoc/>
    public void Apply(PassContext context)
    {
        if (!_isCarriedOut) Convert(context.Graph, context);
        _isCarriedOut = true;
        foreach ((string node, string reason) in _refusals) context.Refused(node, reason);
    }

    private void Convert(Graph main, PassContext context)
    {
        main.SortTopologically();
        if (main.AllGraphs().SelectMany(graph => graph.Values()).FirstOrDefault(value => value.Type is null or TensorType { ElementType: ElementType.Undefined }) is { } unknown)
        {
            _refusals.Add((unknown.Name, $"its type is not known, so that nothing is computed in {format.Name}"));
            return;
        }
        var rules = new HalfRules(main, format, context.Target);
        _refusals.AddRange(rules.Refusals);
        List<Graph> graphs = [.. main.AllGraphs()];
        List<Node> nodes = [.. main.AllNodes()];
        List<Value> floats = [.. graphs.SelectMany(graph => graph.Values()).Where(value => value.ElementType == ElementType.Float)];
        var inFloat = floats.Where(value => IsInFloat(value, main, rules)).ToHashSet();
        foreach (Value value in floats)
            if (!inFloat.Contains(value)) value.Type = new TensorType(format.ElementType, value.Shape);
        foreach (Value value in inFloat) FeedHalves(value, main, rules);
        foreach (Value value in floats)
            if (!inFloat.Contains(value)) FeedFloats(value, main, rules);
        foreach (Node node in nodes)
            if (!rules.IsInFloat(node)) SetElementType(node);
        foreach (Value value in graphs.SelectMany(graph => graph.Initializers.ToList()))
            if (value.IsUnused && !value.IsInput) value.Graph.RemoveInitializer(value);
        context.Changed(main.Name, $"computed in {format.Name}: {nodes.Count(node => !rules.IsInFloat(node))} of {nodes.Count} nodes");
    }

    /// <summary>Inputs of the model, constants, and results of nodes in float32 are float32; all else takes 16 bits.</summary>
    private static bool IsInFloat(Value value, Graph main, HalfRules rules) =>
        value.Initializer is not null || (value.Producer is { } producer ? rules.IsInFloat(producer) : ReferenceEquals(value.Graph, main));

    /// <summary>Lets what computes in 16 bits read the short form of a float32 value.</summary>
    private void FeedHalves(Value value, Graph main, HalfRules rules)
    {
        foreach (Use use in value.Uses.ToList())
            if (!rules.WantsFloat(use)) use.Node.SetInput(use.Index, Half(value));
        ElementCasts.ReplaceOutputs(main, value, graph => ReferenceEquals(graph, main) ? value : Half(value));
    }

    /// <summary>Lets what computes in float32 read the float32 form of a value of 16 bits, the model's outputs among it.</summary>
    private void FeedFloats(Value value, Graph main, HalfRules rules)
    {
        foreach (Use use in value.Uses.ToList())
            if (rules.WantsFloat(use)) use.Node.SetInput(use.Index, Float(value, use.Node));
        if (!main.Outputs.Contains(value)) return;
        ElementCasts.CastResult(main, value, ElementType.Float, "_half");
    }

    private Value Half(Value value)
    {
        if (_halves.TryGetValue(value, out Value? half)) return half;
        // A constant that does not fit is only read by nodes in float32, and here as the result of a branch.
        Tensor? tensor = value.Initializer is { } constant && !value.IsInput ? format.Of(constant, out _) : null;
        half = tensor is not null
            ? value.Graph.AddInitializer(value.Name + "_half", tensor)
            : ElementCasts.Cast(value.Graph, value, format.ElementType, value.Producer is { } producer ? producer.Next : value.Graph.Nodes.First);
        _halves.Add(value, half);
        return half;
    }

    private Value Float(Value value, Node user)
    {
        if (_floats.TryGetValue((value, user.Graph), out Value? result)) return result;
        result = ElementCasts.Cast(user.Graph, value, ElementType.Float, user);
        _floats.Add((value, user.Graph), result);
        return result;
    }

    /// <summary>Operators that name their element type in an attribute.</summary>
    private void SetElementType(Node node)
    {
        if (node.Is("Cast") && node.Attributes.GetInt("to", 0) == (long)ElementType.Float) node.Attributes.Set("to", (long)format.ElementType);
        if (!node.Is("ConstantOfShape") || node.Outputs[0].ElementType != format.ElementType) return;
        Tensor value = node.Attributes.Find("value")?.Tensor ?? Tensor.Vector(0f);
        // What is beyond its range is infinite in the format too.
        node.Attributes.Set(new NodeAttribute("value", format.Rounded(value)));
    }
}
