using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes.Fusion.Matching;

namespace ModelCompiler.Optimizer.Passes.Fusion.Affine;

/// <summary>
/// The nodes between a linear layer and an affine step that only move elements (Transpose, Squeeze, Unsqueeze): exporters of one-dimensional
/// convolutions and of channels-last frameworks put them there. The step commutes with them as long as its channels can be followed.
/// </summary>
internal sealed class ChannelPath
{
    private readonly List<Node> _downward;

    private ChannelPath(Value source, List<Node> downward)
    {
        Source = source;
        _downward = downward;
    }

    /// <summary>What enters the first node of the path.</summary>
    public Value Source { get; }

    /// <summary>The path that ends in <paramref name="end"/>; empty where something else computes it.</summary>
    public static ChannelPath EndingAt(Value end)
    {
        var nodes = new List<Node>();
        Value current = end;
        while (current.Producer is { Domain: "", OpType: "Transpose" or "Squeeze" or "Unsqueeze" } node && node.Input(0) is { } input)
        {
            nodes.Add(node);
            current = input;
        }
        nodes.Reverse();
        return new ChannelPath(current, nodes);
    }

    /// <summary>Where channels that enter the path come out; null where that is not known.</summary>
    public ChannelAxis? Follow(ChannelAxis at)
    {
        ChannelAxis? current = at;
        foreach (Node node in _downward)
        {
            if (current is not { Rank: { } rank } before) return null;
            current = node.OpType switch
            {
                "Transpose" => ThroughTranspose(node, before, rank),
                "Squeeze" => ThroughSqueeze(node, before, rank),
                _ => ThroughUnsqueeze(node, before, rank),
            };
        }
        return current;
    }

    /// <summary>The values of the path from its source on, the end excluded where it is the source.</summary>
    public IEnumerable<Value> Values() => _downward.Select(node => node.Outputs[0]).Prepend(Source);

    private static ChannelAxis? ThroughTranspose(Node node, ChannelAxis at, int rank)
    {
        long[] permutation = node.Attributes.GetInts("perm") ?? [.. Enumerable.Range(0, rank).Select(i => (long)(rank - 1 - i))];
        int axis = Array.IndexOf(permutation, at.Axis);
        return permutation.Length == rank && axis >= 0 ? at with { Axis = axis } : null;
    }

    private static ChannelAxis? ThroughSqueeze(Node node, ChannelAxis at, int rank)
    {
        if (Axes(node, rank) is not { } axes || axes.Contains(at.Axis)) return null;
        return at with { Axis = at.Axis - axes.Count(a => a < at.Axis), Rank = rank - axes.Count };
    }

    private static ChannelAxis? ThroughUnsqueeze(Node node, ChannelAxis at, int rank)
    {
        int count = (Constants.Integers(node.Input(1)) ?? node.Attributes.GetInts("axes"))?.Length ?? 0;
        if (count == 0 || Axes(node, rank + count) is not { } added) return null;
        int axis = Enumerable.Range(0, rank + count).Where(i => !added.Contains(i)).ElementAt(at.Axis);
        return at with { Axis = axis, Rank = rank + count };
    }

    private static HashSet<int>? Axes(Node node, int rank)
    {
        long[]? axes = Constants.Integers(node.Input(1)) ?? node.Attributes.GetInts("axes");
        return axes is null || Array.Exists(axes, a => a < -rank || a >= rank) ? null : [.. axes.Select(a => (int)(a < 0 ? a + rank : a))];
    }
}
