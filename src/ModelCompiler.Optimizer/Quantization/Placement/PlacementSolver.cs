using ModelCompiler.Onnx;

namespace ModelCompiler.Optimizer.Quantization.Placement;

/// <summary>Microseconds that a node takes in floating point and on integers.</summary>
internal readonly record struct NodeCost(double Float, double Integer);

/// <summary>
/// Divides a graph between floating point and integers so that the time of its nodes plus that of the conversions between them is least:
/// Σ cost(node, side) + Σ price(tensor) over the tensors that change sides. As every price is paid for differing sides only, the energy is
/// submodular, and a minimum cut finds the least of all divisions (Kolmogorov and Zabih 2004). A tensor is converted once however many read it.
/// </summary>
/// <param name="plan">Everything on integers that can be.</param>
/// <param name="costs">The time of each node of the plan.</param>
/// <param name="price">Microseconds of converting a tensor, in either direction.</param>
internal sealed class PlacementSolver(QuantizationPlan plan, Func<Node, NodeCost> costs, Func<Value, double> price)
{
    private readonly MinimumCut _cut = new();
    private readonly Dictionary<Node, int> _vertices = [];

    /// <summary>The nodes of the plan that are faster in floating point.</summary>
    public IReadOnlyList<Node> InFloat()
    {
        foreach (Node node in plan.Forms.Keys)
        {
            int vertex = _cut.AddVertex();
            _vertices.Add(node, vertex);
            NodeCost cost = costs(node);
            // The source's side is that of integers: what lies there pays the edge to the sink.
            _cut.AddEdge(vertex, MinimumCut.Sink, cost.Integer);
            _cut.AddEdge(MinimumCut.Source, vertex, cost.Float);
        }
        foreach (Value tensor in Tensors()) AddTensor(tensor);
        foreach (Node node in plan.Forms.Keys)
            if (plan.AbsorbedClamp(node.Outputs[0]) is { } clamp) Tie(node, clamp);
        bool[] onIntegers = _cut.Solve();
        return [.. _vertices.Where(pair => !onIntegers[pair.Value]).Select(pair => pair.Key)];
    }

    /// <summary>Microseconds of a division: of its nodes, each on its side, and of the conversions between these.</summary>
    public double Microseconds(Func<Node, bool> isInFloat)
    {
        double nodes = plan.Forms.Keys.Sum(node => isInFloat(node) ? costs(node).Float : costs(node).Integer);
        return nodes + Tensors().Where(IsConverted).Sum(price);

        bool IsConverted(Value value)
        {
            bool isOnIntegers = IsOnIntegers(value.Producer);
            return (isOnIntegers && value.IsOutput) || value.Uses.Any(use => (QuantizationPlanner.IsActivation(use.Node, use.Index) && IsOnIntegers(use.Node)) != isOnIntegers);
        }

        bool IsOnIntegers(Node? node) => node is not null && plan.Forms.ContainsKey(node) && !isInFloat(node);
    }

    /// <summary>What the nodes of the plan read and give.</summary>
    private IEnumerable<Value> Tensors() => plan.Forms.Keys
        .SelectMany(node => node.Inputs.ToArray().Where((_, i) => QuantizationPlanner.IsActivation(node, i)).Concat(node.Outputs.ToArray())).Distinct()!;

    private void AddTensor(Value value)
    {
        int producer = Vertex(value.Producer), quantize = _cut.AddVertex(), dequantize = _cut.AddVertex();
        _cut.AddEdge(producer, dequantize, price(value));
        _cut.AddEdge(quantize, producer, price(value));
        if (value.IsOutput) _cut.AddEdge(dequantize, MinimumCut.Sink, double.PositiveInfinity);
        foreach (Use use in value.Uses)
        {
            int reader = QuantizationPlanner.IsActivation(use.Node, use.Index) ? Vertex(use.Node) : MinimumCut.Sink;
            _cut.AddEdge(dequantize, reader, double.PositiveInfinity);
            if (reader != MinimumCut.Sink) _cut.AddEdge(reader, quantize, double.PositiveInfinity);
        }
    }

    /// <summary>A clamp that saturation replaces goes with the node whose range absorbs it.</summary>
    private void Tie(Node node, Node clamp)
    {
        if (!_vertices.TryGetValue(clamp, out int vertex)) return;
        _cut.AddEdge(_vertices[node], vertex, double.PositiveInfinity);
        _cut.AddEdge(vertex, _vertices[node], double.PositiveInfinity);
    }

    /// <summary>What the plan does not name, and what comes from outside, is in floating point.</summary>
    private int Vertex(Node? node) => node is not null && _vertices.TryGetValue(node, out int vertex) ? vertex : MinimumCut.Sink;
}
