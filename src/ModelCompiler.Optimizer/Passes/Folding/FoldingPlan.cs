using System.Collections.Frozen;
using ModelCompiler.Onnx;

namespace ModelCompiler.Optimizer.Passes.Folding;

/// <summary>
/// The nodes that depend on nothing but constants and are worth to be one, in topological order. What a result takes is decided from its inferred
/// shape, before anything is computed: a few bytes of Expand, Tile, Range or ConstantOfShape may stand for a terabyte.
/// </summary>
internal sealed class FoldingPlan
{
    // Quantized weights stay as they are stored, an Identity is there for a name, and Constant nodes are no computation.
    private static readonly FrozenSet<string> Kept = FrozenSet.ToFrozenSet(["QuantizeLinear", "DequantizeLinear", "DynamicQuantizeLinear", "Identity", "Constant"]);

    private static readonly FrozenSet<string> Domains = FrozenSet.ToFrozenSet(["", "ai.onnx.ml", "com.microsoft"]);

    private readonly long _maxGrowth;
    private readonly List<Node> _nodes = [];
    private readonly HashSet<Node> _planned = [];
    private readonly Dictionary<Node, string> _refusals = [];
    private readonly Dictionary<Value, int> _foldedUses = [];

    private FoldingPlan(Graph graph, long maxGrowth)
    {
        _maxGrowth = maxGrowth;
        // Outer graphs first: a node of a subgraph may depend on what is folded there.
        foreach (Node node in graph.AllGraphs().SelectMany(g => g.Nodes))
            if (IsFoldable(node)) Consider(node);
    }

    public IReadOnlyList<Node> Nodes => _nodes;

    public IReadOnlyDictionary<Node, string> Refusals => _refusals;

    /// <summary>How many bytes more the constants of the model take.</summary>
    private long Growth { get; set; }

    /// <summary>Within the limits on what one node may add and on what all may add; where all add too much, none may.</summary>
    public static FoldingPlan For(Graph graph)
    {
        var plan = new FoldingPlan(graph, ConstantFolding.MaxGrowthBytes);
        return plan.Growth <= ConstantFolding.MaxTotalGrowthBytes ? plan : new FoldingPlan(graph, 0);
    }

    private bool IsFoldable(Node node)
    {
        if (node.Inputs.Length == 0 || !Domains.Contains(node.Domain) || Kept.Contains(node.OpType)) return false;
        foreach (Value? input in node.Inputs)
            if (input is not null && !IsConstant(input)) return false;
        return !RandomOperators.Contains(node) && !node.Subgraphs.Any();
    }

    private bool IsConstant(Value value) => value.Initializer is { } tensor ? ConstantEvaluator.IsRunnable(tensor.ElementType)
        : value.Producer is { } producer && _planned.Contains(producer);

    private void Consider(Node node)
    {
        long size = 0;
        foreach (Value output in node.Outputs)
        {
            if (output.Name.Length == 0) continue;
            if (ResultSize.Of(output) is not { } bytes)
            {
                _refusals.Add(node, $"the size of '{output}' is not known");
                return;
            }
            size = Math.Min(size + bytes, ResultSize.Unbounded);
        }
        Dictionary<Value, int> reads = Reads(node);
        long growth = size - FreedBy(reads);
        if (growth > _maxGrowth)
        {
            _refusals.Add(node, $"its result takes {(size < ResultSize.Unbounded ? $"{size} bytes" : "more than memory")}, {Over(growth)}");
            return;
        }
        Growth += growth;
        foreach ((Value value, int count) in reads) _foldedUses[value] = _foldedUses.GetValueOrDefault(value) + count;
        _planned.Add(node);
        _nodes.Add(node);
    }

    private string Over(long growth) => _maxGrowth > 0
        ? $"and makes the model larger by more than the limit of {ConstantFolding.MaxGrowthBytes} bytes"
        : $"and all foldable nodes together make the model larger by more than the limit of {ConstantFolding.MaxTotalGrowthBytes} bytes (this one by {growth})";

    /// <summary>Bytes of the constants that nothing needs any more when their reader is folded too.</summary>
    private long FreedBy(Dictionary<Value, int> reads) =>
        reads.Where(read => !read.Key.IsOutput && _foldedUses.GetValueOrDefault(read.Key) + read.Value == read.Key.Uses.Count).Sum(read => ResultSize.Of(read.Key) ?? 0);

    /// <summary>How often a node reads each of its inputs.</summary>
    private static Dictionary<Value, int> Reads(Node node)
    {
        var reads = new Dictionary<Value, int>();
        foreach (Value? input in node.Inputs)
            if (input is not null) reads[input] = reads.GetValueOrDefault(input) + 1;
        return reads;
    }
}
