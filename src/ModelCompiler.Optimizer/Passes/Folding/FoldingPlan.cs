using System.Collections.Frozen;
using ModelCompiler.Onnx;

namespace ModelCompiler.Optimizer.Passes.Folding;

/// <summary>
/// The nodes that depend on nothing but constants and are worth to be one, in topological order. What a result takes is decided from its inferred
/// shape, before anything is computed: a few bytes of Expand, Tile, Range or ConstantOfShape may stand for a terabyte.
/// </summary>
internal sealed class FoldingPlan
{
    // Quantized weights stay as they are stored (and what is to be quantized is better stored so), an Identity is there for a name, and Constant nodes are no computation.
    private static readonly FrozenSet<string> Kept = FrozenSet.ToFrozenSet(["DequantizeLinear", "DynamicQuantizeLinear", "Identity", "Constant"]);

    private static readonly FrozenSet<string> Domains = FrozenSet.ToFrozenSet(["", "ai.onnx.ml", "com.microsoft"]);

    // A conversion of stored numbers makes at most four bytes of one: that is no bomb.
    private const int WidestCast = 4;

    private readonly long _maxGrowth;
    private readonly List<Node> _nodes = [];
    private readonly HashSet<Node> _planned = [];
    private readonly Dictionary<Node, string> _refusals = [];
    private readonly Dictionary<Value, int> _foldedUses = [];
    private readonly HashSet<Node> _fromFiles = [];
    private readonly FoldedBytes _bytes = new();
    private long _loaded;

    private FoldingPlan(Graph graph, long maxGrowth)
    {
        _maxGrowth = maxGrowth;
        // Outer graphs first: a node of a subgraph may depend on what is folded there.
        foreach (Node node in graph.AllGraphs().SelectMany(g => g.Nodes))
            if (IsFoldable(node)) Consider(node);
    }

    public IReadOnlyList<Node> Nodes => _nodes;

    public IReadOnlyDictionary<Node, string> Refusals => _refusals;

    /// <summary>How many bytes more the constants of the model take, beyond what conversions of them do.</summary>
    private long Growth { get; set; }

    /// <summary>Within the limits on what one node may add and on what all may add; where all add too much, none may.</summary>
    public static FoldingPlan For(Graph graph)
    {
        var plan = new FoldingPlan(graph, ConstantFolding.MaxGrowthBytes);
        return plan.Growth <= ConstantFolding.MaxTotalGrowthBytes ? plan : new FoldingPlan(graph, 0);
    }

    /// <summary>
    /// Where all results together take more than <paramref name="budget"/> bytes beyond the constants that they replace: takes those nodes back whose
    /// own result does. ONNX Runtime computes them when it loads the model.
    /// </summary>
    public void KeepSize(long budget)
    {
        if (_bytes.NetGrowth <= budget) return;
        // Backwards: what was taken back needs its inputs.
        for (int i = _nodes.Count - 1; i >= 0; i--)
        {
            Node node = _nodes[i];
            if (_bytes.OverheadOf(node, _planned) is not { } bytes) continue;
            _planned.Remove(node);
            _refusals.Add(node, $"its result takes {bytes} bytes more than what it is made from, and ONNX Runtime makes it when it loads the model");
        }
        RemoveUnneeded();
    }

    /// <summary>Whether the results of a node become constants; other nodes are computed only for those that do.</summary>
    public bool IsReplaced(Node node) => _planned.Contains(node);

    private void RemoveUnneeded()
    {
        HashSet<Node> needed = [.. _planned];
        for (int i = _nodes.Count - 1; i >= 0; i--)
            if (_nodes[i].Outputs.ToArray().Any(output => output.Uses.Any(use => needed.Contains(use.Node)))) needed.Add(_nodes[i]);
        _nodes.RemoveAll(node => !needed.Contains(node));
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
        Value[] freed = [.. FreedBy(reads)];
        long growth = size - (WidestCast * freed.Sum(value => ResultSize.Of(value) ?? 0));
        if (growth > _maxGrowth)
        {
            _refusals.Add(node, $"its result takes {(size < ResultSize.Unbounded ? $"{size} bytes" : "more than memory")}, {Over(growth)}");
            return;
        }
        if (IsFromFile(node) && !TryLoad(node, size)) return;
        Growth += growth;
        _bytes.Add(node, size, freed);
        foreach ((Value value, int count) in reads) _foldedUses[value] = _foldedUses.GetValueOrDefault(value) + count;
        _planned.Add(node);
        _nodes.Add(node);
    }

    /// <summary>Whether a node computes on weights that lie in a file, and its result would have to be held in memory in their place.</summary>
    private bool IsFromFile(Node node)
    {
        foreach (Value? input in node.Inputs)
            if (input?.Initializer is { Data.IsInFile: true } || (input?.Producer is { } producer && _fromFiles.Contains(producer))) return true;
        return false;
    }

    private bool TryLoad(Node node, long size)
    {
        if (_loaded + size > ConstantFolding.MaxLoadedBytes)
        {
            _refusals.Add(node, $"its result of {size} bytes would be held in memory, and that of the weights in files only {ConstantFolding.MaxLoadedBytes} bytes are");
            return false;
        }
        _loaded += size;
        _fromFiles.Add(node);
        return true;
    }

    private string Over(long growth) => _maxGrowth > 0
        ? $"and makes the model larger by more than the limit of {ConstantFolding.MaxGrowthBytes} bytes"
        : $"and all foldable nodes together make the model larger by more than the limit of {ConstantFolding.MaxTotalGrowthBytes} bytes (this one by {growth})";

    /// <summary>The constants that nothing needs any more when their reader is folded too.</summary>
    private IEnumerable<Value> FreedBy(Dictionary<Value, int> reads) =>
        reads.Where(read => !read.Key.IsOutput && _foldedUses.GetValueOrDefault(read.Key) + read.Value == read.Key.Uses.Count).Select(read => read.Key);

    /// <summary>How often a node reads each of its inputs.</summary>
    private static Dictionary<Value, int> Reads(Node node)
    {
        var reads = new Dictionary<Value, int>();
        foreach (Value? input in node.Inputs)
            if (input is not null) reads[input] = reads.GetValueOrDefault(input) + 1;
        return reads;
    }
}
