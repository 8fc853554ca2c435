using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes.Fusion.Matching;

namespace ModelCompiler.Optimizer.Passes.Fusion.Affine;

/// <summary>
/// The nodes between a linear layer and an affine step that only move elements (Transpose, Squeeze, Unsqueeze): exporters of one-dimensional
/// convolutions and of channels-last frameworks put them there. The step commutes with them as long as its channels can be followed.
/// </summary>
internal sealed class ChannelPath
{
    private readonly List<Node> _nodes;

    private ChannelPath(Value source, List<Node> nodes)
    {
        Source = source;
        _nodes = nodes;
    }

    /// <summary>What enters the first node of the path.</summary>
    public Value Source { get; }

    /// <summary>What leaves the last node of the path.</summary>
    public Value End => _nodes.Count > 0 ? _nodes[^1].Outputs[0] : Source;

    /// <summary>The path up from <paramref name="end"/>; empty where something else computes it.</summary>
    public static ChannelPath EndingAt(Value end)
    {
        var nodes = new List<Node>();
        Value current = end;
        while (current.Producer is { } node && Moves(node) && node.Input(0) is { } input)
        {
            nodes.Add(node);
            current = input;
        }
        nodes.Reverse();
        return new ChannelPath(current, nodes);
    }

    /// <summary>The path down from <paramref name="source"/>, as long as there is only one way.</summary>
    public static ChannelPath StartingAt(Value source)
    {
        var nodes = new List<Node>();
        Value current = source;
        while (current.HasSingleUse && current.Uses[0] is { Index: 0, Node: var node } && Moves(node))
        {
            nodes.Add(node);
            current = node.Outputs[0];
        }
        return new ChannelPath(source, nodes);
    }

    /// <summary>Where channels that enter the path come out; null where that is not known.</summary>
    public ChannelAxis? Follow(ChannelAxis at)
    {
        ChannelAxis? current = at;
        foreach (Node node in _nodes)
            current = current is { Rank: { } rank } before && Axes(node, rank, isEntering: true) is { } axes ? Moved(before, Array.IndexOf(axes, before.Axis), axes.Length) : null;
        return current;
    }

    /// <summary>Where channels that come out of the path enter it; null where that is not known.</summary>
    public ChannelAxis? Retrace(ChannelAxis at)
    {
        ChannelAxis? current = at;
        for (int i = _nodes.Count - 1; i >= 0; i--)
        {
            if (current is not { Rank: { } rank } after || Axes(_nodes[i], rank, isEntering: false) is not { } axes) return null;
            int entering = _nodes[i].Is("Squeeze") ? rank + AxesOf(_nodes[i])!.Length : axes.Count(axis => axis >= 0);
            current = Moved(after, axes[after.Axis], entering);
        }
        return current;
    }

    /// <summary>The values of the path from its source on.</summary>
    public IEnumerable<Value> Values() => _nodes.Select(node => node.Outputs[0]).Prepend(Source);

    private static bool Moves(Node node) => node is { Domain: "", OpType: "Transpose" or "Squeeze" or "Unsqueeze" };

    private static ChannelAxis? Moved(ChannelAxis at, int axis, int rank) => axis >= 0 ? at with { Axis = axis, Rank = rank } : null;

    /// <summary>For each axis that comes out of a node, the axis that entered it; −1 for an axis that is new.</summary>
    private static int[]? Axes(Node node, int rank, bool isEntering)
    {
        if (node.Is("Transpose")) return Permutation.Of(node) is { } permutation && permutation.Length == rank ? Array.ConvertAll(permutation, axis => (int)axis) : null;
        if (AxesOf(node) is not { } named) return null;
        bool isSqueeze = node.Is("Squeeze");
        // The axes are those of the longer side.
        int full = isSqueeze == isEntering ? rank : rank + named.Length;
        if (Array.Exists(named, axis => axis < -full || axis >= full)) return null;
        HashSet<int> changed = [.. named.Select(axis => (int)(axis < 0 ? axis + full : axis))];
        int[] kept = [.. Enumerable.Range(0, full).Where(axis => !changed.Contains(axis))];
        return isSqueeze ? kept : [.. Enumerable.Range(0, full).Select(axis => Array.IndexOf(kept, axis))];
    }

    private static long[]? AxesOf(Node node) => Constants.Integers(node.Input(1)) ?? node.Attributes.GetInts("axes");
}
