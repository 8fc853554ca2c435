using ModelCompiler.Onnx;

namespace ModelCompiler.Optimizer.Passes.Fusion.Matching;

/// <summary>What a pattern found: the nodes that it covers, and the values and numbers that it has names for.</summary>
internal sealed class Match
{
    private readonly Graph _graph;
    // Few names per pattern, and undone by truncation when an order of operands turns out wrong.
    private readonly List<(string Name, Value Value)> _values = [];
    private readonly List<(string Name, double Number)> _numbers = [];
    private readonly List<Node> _nodes = [];
    private int _constantRank;

    private Match(Node root)
    {
        _graph = root.Graph;
        Root = root;
    }

    /// <summary>The node whose output is the result of the pattern.</summary>
    public Node Root { get; }

    /// <summary>The covered nodes, the root first; a node may stand here twice.</summary>
    public IReadOnlyList<Node> Nodes => _nodes;

    /// <summary>The value of a name.</summary>
    public Value this[string name] => FindValue(name) ?? throw new KeyNotFoundException($"The pattern has no value '{name}'.");

    /// <summary>The value of a name, or null where the form has no such value.</summary>
    public Value? FindValue(string name) => _values.Find(v => v.Name == name).Value;

    /// <summary>The pattern at the first output of a node, or null.</summary>
    public static Match? Of(Pattern pattern, Node root)
    {
        if (!pattern.MayEndIn(root)) return null;
        var match = new Match(root);
        return pattern.Matches(root.Outputs[0], match) ? match : null;
    }

    /// <summary>The number of a name, or null where the form has no such number.</summary>
    public double? FindNumber(string name) => _numbers.FindIndex(n => n.Name == name) is >= 0 and var index ? _numbers[index].Number : null;

    /// <summary>The number of a name.</summary>
    public double Number(string name) => _numbers.Find(n => n.Name == name).Number;

    /// <summary>
    /// Whether the constants of the pattern are of no higher rank than a value: [1, 1] times [n] is [1, n]. Only then does the value have the
    /// shape of the result.
    /// </summary>
    public bool KeepsRank(Value value) => _constantRank == 0 || value.Shape?.Rank >= _constantRank;

    /// <summary>
    /// Why the covered nodes cannot vanish: another node, or the outside, reads one of their values. Null where only the root's is read.
    /// </summary>
    /// <param name="mayStay">Nodes that are left for others.</param>
    public string? SharingReason(Func<Node, bool>? mayStay = null)
    {
        foreach (Node node in _nodes)
        {
            if (ReferenceEquals(node, Root) || mayStay?.Invoke(node) == true) continue;
            Value output = node.Outputs[0];
            if (output.IsOutput) return $"'{output}' inside the pattern is also an output of the graph";
            foreach (Use use in output.Uses)
                if (!_nodes.Contains(use.Node)) return $"'{output}' inside the pattern is also used by '{use.Node}'";
        }
        return null;
    }

    /// <summary>Lets everything that read the root's output read <paramref name="replacement"/>, and removes the covered nodes.</summary>
    public void ReplaceBy(Value replacement)
    {
        _graph.ReplaceAllUses(Root.Outputs[0], replacement);
        for (bool isChanged = true; isChanged;)
        {
            isChanged = false;
            foreach (Node node in _nodes)
            {
                if (node.IsRemoved || !node.Outputs[0].IsUnused) continue;
                _graph.Remove(node);
                isChanged = true;
            }
        }
    }

    /// <summary>Gives a value a name, or checks that it is the one that has it.</summary>
    internal bool Bind(string name, Value value)
    {
        int index = _values.FindIndex(v => v.Name == name);
        if (index < 0) _values.Add((name, value));
        return index < 0 || ReferenceEquals(_values[index].Value, value);
    }

    /// <summary>Gives a number a name, or checks that it equals the one that has it.</summary>
    internal bool Bind(string name, double number)
    {
        int index = _numbers.FindIndex(n => n.Name == name);
        if (index < 0) _numbers.Add((name, number));
        return index < 0 || _numbers[index].Number.Equals(number);
    }

    /// <summary>The number that a constant of one element is; null for anything else.</summary>
    internal double? ReadNumber(Value? value)
    {
        if (Constants.Number(value) is not { } number) return null;
        _constantRank = Math.Max(_constantRank, Constants.Of(value)!.Rank);
        return number;
    }

    /// <summary>The node that computes a value in the graph of the match as its first output; covered from now on. Null where there is none.</summary>
    internal Node? Enter(Value value)
    {
        if (value.Producer is not { } node || value.ProducerIndex != 0 || !ReferenceEquals(node.Graph, _graph)) return null;
        _nodes.Add(node);
        return node;
    }

    internal (int Values, int Numbers, int Nodes) Save() => (_values.Count, _numbers.Count, _nodes.Count);

    internal void Restore((int Values, int Numbers, int Nodes) mark)
    {
        _values.RemoveRange(mark.Values, _values.Count - mark.Values);
        _numbers.RemoveRange(mark.Numbers, _numbers.Count - mark.Numbers);
        _nodes.RemoveRange(mark.Nodes, _nodes.Count - mark.Nodes);
    }
}
