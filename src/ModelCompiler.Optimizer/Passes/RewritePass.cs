using ModelCompiler.Onnx;

namespace ModelCompiler.Optimizer.Passes;

/// <summary>What came of looking at one node: nothing to do, a change, or a refusal with its reason.</summary>
public readonly record struct Rewrite(string? Change, string? Reason)
{
    /// <summary>The pattern is not here.</summary>
    public static Rewrite None => default;

    /// <summary>The graph was changed.</summary>
    public static Rewrite Applied(string what) => new(what, null);

    /// <summary>The pattern is here, and the rewrite would be wrong or gain nothing.</summary>
    public static Rewrite Refused(string reason) => new(null, reason);
}

/// <summary>
/// A pass that looks at one node after the other, in subgraphs too. A change puts the nodes around it back on the list, so that chains collapse
/// in one sweep whatever their order, at a cost proportional to the number of changes; sweeps end when one changes nothing.
/// </summary>
public abstract class RewritePass : IPass
{
    // Nearly always two: the second finds nothing more to do. A pass that undoes itself must not run for ever.
    private const int MaxSweeps = 16;

    /// <inheritdoc/>
    public abstract string Name { get; }

    /// <inheritdoc/>
    public virtual bool KeepsTypes => false;

    /// <summary>A cheap look at a node that spares the whole one: false where the pattern cannot end there.</summary>
    protected virtual bool MayMatch(Node node) => true;

    /// <summary>Rewrites at <paramref name="node"/> if the pattern ends there. The node may be removed by it.</summary>
    protected abstract Rewrite Visit(Node node, PassContext context);

    /// <inheritdoc/>
    public void Apply(PassContext context)
    {
        var refusals = new Dictionary<Node, string>();
        for (int sweep = 0; sweep < MaxSweeps && !context.IsExhausted; sweep++)
        {
            int before = context.ChangeCount;
            Sweep(context, refusals);
            if (context.ChangeCount == before) break;
        }
        foreach ((Node node, string reason) in refusals)
            if (!IsGone(node)) context.Refused(node.ToString(), reason);
    }

    private void Sweep(PassContext context, Dictionary<Node, string> refusals)
    {
        var pending = new Queue<Node>();
        var queued = new HashSet<Node>();
        var neighbours = new List<Node>();
        foreach (Node node in context.Graph.AllNodes()) Look(node);
        while (pending.TryDequeue(out Node? node))
        {
            queued.Remove(node);
            Look(node);
        }

        void Look(Node node)
        {
            if (context.IsExhausted || !MayMatch(node) || IsGone(node)) return;
            neighbours.Clear();
            AddNeighbours(node, neighbours);
            // A rewrite may give the names of the outputs away, after which a node without a name of its own is called.
            string? where = node.Name.Length == 0 ? node.ToString() : null;
            Rewrite rewrite = Visit(node, context);
            // The last look counts: what was refused may have been done since.
            if (rewrite.Reason is { } reason) refusals[node] = reason;
            else refusals.Remove(node);
            if (rewrite.Change is not { } change) return;
            context.Changed(where ?? node.ToString(), change);
            if (!IsGone(node)) AddNeighbours(node, neighbours);
            foreach (Node neighbour in neighbours)
                if (!neighbour.IsRemoved && queued.Add(neighbour)) pending.Enqueue(neighbour);
        }
    }

    /// <summary>A node is gone when it, or the node whose subgraph it is in, was removed.</summary>
    private static bool IsGone(Node node)
    {
        for (Node? current = node; current is not null; current = current.Graph.OwnerNode)
            if (current.IsRemoved) return true;
        return false;
    }

    private static void AddNeighbours(Node node, List<Node> neighbours)
    {
        neighbours.Add(node);
        foreach (Value? input in node.Inputs)
        {
            if (input?.Producer is { } producer) neighbours.Add(producer);
            // Siblings see a change too, but a constant shared by the whole graph is not a neighbourhood.
            if (input is { Initializer: null, Uses.Count: <= 8 }) AddReaders(input, neighbours);
        }
        foreach (Value output in node.Outputs)
            if (output.Uses.Count <= 64) AddReaders(output, neighbours);
    }

    private static void AddReaders(Value value, List<Node> neighbours)
    {
        for (int i = 0; i < value.Uses.Count; i++) neighbours.Add(value.Uses[i].Node);
    }
}
