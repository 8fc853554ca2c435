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

    // The size of their result depends on the data, and cannot be much more than that.
    private static readonly FrozenSet<string> Selecting = FrozenSet.ToFrozenSet(["NonZero", "Unique", "Compress"]);

    private static readonly FrozenSet<string> Domains = FrozenSet.ToFrozenSet(["", "ai.onnx.ml", "com.microsoft"]);

    private readonly List<Node> _nodes = [];
    private readonly HashSet<Node> _planned = [];
    private readonly Dictionary<Node, string> _refusals = [];
    private readonly Dictionary<Value, int> _foldedUses = [];
    private long _growth;

    public FoldingPlan(Graph graph)
    {
        // Outer graphs first: a node of a subgraph may depend on what is folded there.
        foreach (Node node in graph.AllGraphs().SelectMany(g => g.Nodes))
            if (IsFoldable(node)) Consider(node);
    }

    public IReadOnlyList<Node> Nodes => _nodes;

    public IReadOnlyDictionary<Node, string> Refusals => _refusals;

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
            if (SizeOf(output, node) is not { } bytes)
            {
                _refusals.Add(node, $"the size of '{output}' is not known");
                return;
            }
            size += bytes;
        }
        long growth = _growth + size - FreedBy(node);
        if (growth > ConstantFolding.MaxGrowthBytes)
        {
            _refusals.Add(node, $"its {size} bytes would bring the growth of the model to {growth} bytes, over the limit of {ConstantFolding.MaxGrowthBytes}");
            return;
        }
        _growth = growth;
        foreach (Value input in DistinctInputs(node)) _foldedUses[input] = FoldedUses(input, node);
        _planned.Add(node);
        _nodes.Add(node);
    }

    /// <summary>Bytes of the constants that nothing needs any more when this node is folded too.</summary>
    private long FreedBy(Node node) => DistinctInputs(node).Where(v => !v.IsOutput && FoldedUses(v, node) == v.Uses.Count).Sum(v => SizeOf(v, v.Producer) ?? 0);

    private int FoldedUses(Value value, Node node) => _foldedUses.GetValueOrDefault(value) + value.Uses.Count(use => ReferenceEquals(use.Node, node));

    private static HashSet<Value> DistinctInputs(Node node) => [.. node.Inputs.ToArray().OfType<Value>()];

    /// <summary>Bytes of a result, or null where that is not known or beyond all bounds.</summary>
    private static long? SizeOf(Value value, Node? producer)
    {
        if (value.Initializer is { } tensor) return SizeOf(tensor.ElementType, tensor.ElementCount);
        ElementType type = value.ElementType;
        if (!ConstantEvaluator.IsRunnable(type)) return null;
        if (value.Shape is { IsStatic: true } shape) return Count(shape) is { } count ? SizeOf(type, count) : long.MaxValue >> 8;
        if (producer is null || !Selecting.Contains(producer.OpType)) return null;
        return producer.Input(0)?.Shape is { IsStatic: true } source && Count(source) is { } from ? SizeOf(ElementType.Int64, from * Math.Max(1, source.Rank)) : null;
    }

    // A string takes more than its pointer; how much more does not decide anything.
    private static long SizeOf(ElementType type, long count) => type == ElementType.String ? count * 16 : type.ByteSize(count);

    /// <summary>The number of elements, or null where it is beyond anything that could be held.</summary>
    private static long? Count(Shape shape)
    {
        UInt128 count = 1;
        foreach (Dim dim in shape)
        {
            if (dim.Value == 0) return 0;
            count = count > long.MaxValue ? count : count * (UInt128)dim.Value;
        }
        return count > (1UL << 48) ? null : (long)count;
    }
}
