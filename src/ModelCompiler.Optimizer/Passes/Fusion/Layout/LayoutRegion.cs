using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes.Fusion.Matching;

namespace ModelCompiler.Optimizer.Passes.Fusion.Layout;

/// <summary>
/// The nodes around a Transpose that could as well work on what it reads: connected, each accepted by <see cref="LayoutRules"/>, and none of <see cref="TrailingNormalizations"/>. Turning
/// the region takes out the transpositions by p on its way in and by p⁻¹ on its way out, and puts others in on the ways that have none.
/// </summary>
internal sealed class LayoutRegion
{
    private readonly List<Node> _nodes = [];
    private readonly HashSet<Node> _members = [];
    private readonly Dictionary<Value, Value> _turned = [];
    private readonly long[] _permutation;
    private readonly long[] _inverse;

    private LayoutRegion(long[] permutation)
    {
        _permutation = permutation;
        _inverse = new long[permutation.Length];
        for (int i = 0; i < permutation.Length; i++) _inverse[permutation[i]] = i;
    }

    /// <summary>The nodes, in the order in which they were reached.</summary>
    public IReadOnlyCollection<Node> Nodes => _nodes;

    /// <summary>The region that a Transpose leads into; empty where what reads it depends on the layout.</summary>
    public static LayoutRegion Behind(Node transpose, long[] permutation, long opset, TrailingNormalizations normalizations)
    {
        var region = new LayoutRegion(permutation);
        var pending = new Stack<Node>();
        void Visit(Node node)
        {
            bool isAccepted = ReferenceEquals(node.Graph, transpose.Graph) && LayoutRules.Accepts(node, permutation, opset) && !normalizations.Lose(node, permutation);
            if (isAccepted && region._members.Add(node)) pending.Push(node);
        }
        foreach (Use use in transpose.Outputs[0].Uses) VisitUse(use, Visit);
        while (pending.TryPop(out Node? node))
        {
            region._nodes.Add(node);
            foreach (Value input in LaidOutInputs(node))
                if (input.Producer is { } producer && LayoutRules.HasLaidOutOutputs(producer)) Visit(producer);
            foreach (Value output in LaidOutOutputs(node))
                foreach (Use use in output.Uses) VisitUse(use, Visit);
        }
        return region;
    }

    /// <summary>
    /// What turning the region saves: the elements of the transpositions that go, less those of the ones that come. A dimension that is not a
    /// number counts once, so that an image weighs more than its gate.
    /// </summary>
    public long Gain()
    {
        long gain = 0;
        var inputs = new HashSet<Value>();
        foreach (Node node in _nodes)
        {
            foreach (Value input in LaidOutInputs(node))
                if (!IsInside(input) && !Constants.IsConstant(input) && inputs.Add(input)) gain += InputGain(input);
            foreach (Value output in LaidOutOutputs(node)) gain += OutputGain(output);
        }
        return gain;
    }

    /// <summary>Turns it.</summary>
    public void Turn()
    {
        foreach (Node node in _nodes) TurnInputs(node);
        foreach (Node node in _nodes)
        {
            LayoutRules.Convert(node, _permutation);
            foreach (Value output in LaidOutOutputs(node).ToList()) TurnOutput(node, output);
        }
    }

    private static IEnumerable<Value> LaidOutInputs(Node node) => node.Inputs[..LayoutRules.LaidOutInputs(node)].ToArray().OfType<Value>();

    private static IEnumerable<Value> LaidOutOutputs(Node node) => LayoutRules.HasLaidOutOutputs(node) ? node.Outputs.ToArray().Where(o => o.Name.Length > 0) : [];

    private static void VisitUse(Use use, Action<Node> visit)
    {
        if (use.Index < LayoutRules.LaidOutInputs(use.Node)) visit(use.Node);
    }

    private bool IsInside(Value value) => value.Producer is { } producer && _members.Contains(producer) && LayoutRules.HasLaidOutOutputs(producer);

    private bool IsInside(Use use) => _members.Contains(use.Node) && use.Index < LayoutRules.LaidOutInputs(use.Node);

    private long InputGain(Value input)
    {
        if (input.Producer is not { } producer || !producer.Is("Transpose")) return -Weight(input);
        bool isRemoved = !input.IsOutput && input.Uses.All(IsInside);
        if (Is(producer, _permutation)) return isRemoved ? Weight(input) : 0;
        // Another permutation joins with the one that comes.
        return isRemoved ? 0 : -Weight(input);
    }

    private long OutputGain(Value output)
    {
        List<Node> outside = [.. output.Uses.Where(use => !IsInside(use)).Select(use => use.Node)];
        int cancelled = outside.Count(node => node.Is("Transpose") && Is(node, _inverse));
        bool needsTranspose = output.IsOutput || outside.Exists(node => !node.Is("Transpose"));
        return cancelled * Weight(output) - (needsTranspose ? Weight(output) : 0);
    }

    private static bool Is(Node transpose, long[] permutation) => Permutation.Of(transpose) is { } own && own.AsSpan().SequenceEqual(permutation);

    private static long Weight(Value value) => value.Shape!.Aggregate(1L, (product, dim) => product * Math.Max(1, dim.ValueOrNull ?? 1));

    private void TurnInputs(Node node)
    {
        int count = LayoutRules.LaidOutInputs(node);
        for (int i = 0; i < count; i++)
        {
            if (node.Input(i) is not { } input || IsInside(input)) continue;
            if (!_turned.TryGetValue(input, out Value? turned)) _turned.Add(input, turned = Turned(input, node));
            node.SetInput(i, turned);
            if (input.Producer is { } transpose && transpose.Is("Transpose") && input.IsUnused) input.Graph.Remove(transpose);
        }
    }

    private Value Turned(Value input, Node user)
    {
        if (Constants.Of(input) is { } constant) return TurnedConstant(input, constant, user.Graph);
        if (input.Producer is { } producer && producer.Is("Transpose") && Is(producer, _permutation))
            return producer.Inputs[0]!;
        // Right behind its input: other nodes of the region may stand before the user.
        Node? before = input.Producer is { } source && ReferenceEquals(source.Graph, user.Graph) ? source.Next : user.Graph.Nodes.First;
        return AddTranspose(user.Graph, input, _inverse, before);
    }

    private Value TurnedConstant(Value input, Tensor constant, Graph graph)
    {
        if (constant.ElementCount == 1 && constant.Rank <= 1) return input;
        int missing = _permutation.Length - constant.Rank;
        Tensor full = constant.Reshaped([.. Enumerable.Repeat(1L, missing), .. constant.Dims]);
        return graph.AddInitializer(input.Name, TransposedTensor.Of(full, _inverse));
    }

    private void TurnOutput(Node node, Value output)
    {
        OnnxType? type = output.Type;
        output.Type = Permuted(output, _inverse);
        var kept = new List<Use>();
        foreach (Use use in output.Uses)
        {
            bool isTranspose = !IsInside(use) && use.Node.Is("Transpose");
            if (isTranspose) use.Node.Attributes.Set("perm", Array.ConvertAll(Permutation.Of(use.Node)!, axis => _permutation[axis]));
            if (isTranspose || IsInside(use)) kept.Add(use);
        }
        if (kept.Count == output.Uses.Count && !output.IsOutput) return;
        Value old = AddTranspose(node.Graph, output, _permutation, node.Next);
        old.Type = null;
        node.Graph.ReplaceAllUses(output, old);
        old.Type = type;
        foreach (Use use in kept.Append(new Use(old.Producer!, 0))) use.Node.SetInput(use.Index, output);
    }

    private static Value AddTranspose(Graph graph, Value input, long[] permutation, Node? before)
    {
        Node node = graph.AddNode("Transpose", [input], before: before);
        node.Attributes.Set("perm", permutation);
        node.Output.Type = Permuted(input, permutation);
        return node.Output;
    }

    private static TensorType? Permuted(Value value, long[] permutation) => value.TensorType is { Shape: { } shape } type
        ? type with { Shape = new Shape([.. permutation.Select(axis => shape[(int)axis])]) }
        : null;
}
