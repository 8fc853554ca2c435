using ModelCompiler.Onnx;

namespace ModelCompiler.Optimizer.Passes.Cleanup;

/// <summary>
/// Removes nodes and constants that nothing reads. Graph inputs stay: they are the signature. A node without outputs stays too, for it can only
/// be there for an effect.
/// </summary>
public sealed class DeadCode : IPass
{
    /// <inheritdoc/>
    public string Name => "dead-code";

    /// <inheritdoc/>
    public bool KeepsTypes => true;

    /// <inheritdoc/>
    public void Apply(PassContext context)
    {
        // Consumers before producers: nearly all dead code goes in one sweep, and RemoveUpwards finds the rest.
        foreach (Node node in context.Graph.AllNodes().Reverse().ToList())
        {
            if (context.IsExhausted) return;
            string where = node.ToString();
            int removed = RemoveUpwards(node);
            if (removed > 0) context.Changed(where, removed == 1 ? "nothing reads its outputs" : $"nothing reads its outputs, nor what only led to it: {removed} nodes");
        }
        RemoveUnusedInitializers(context.Graph, context);
        foreach (Graph subgraph in context.Graph.AllNodes().SelectMany(node => node.Subgraphs).ToList()) RemoveUnusedInitializers(subgraph, context);
    }

    /// <summary>Removes what nothing reads from the main graph of a copy, of which nobody is told.</summary>
    internal static void RemoveFrom(Graph graph)
    {
        foreach (Node node in graph.Nodes.Reverse().ToList()) RemoveUpwards(node);
        foreach (Value value in graph.Initializers.Where(value => value.IsUnused).ToList()) graph.RemoveInitializer(value);
    }

    /// <summary>Removes a node that nothing reads, then the nodes that only led to it.</summary>
    /// <returns>How many nodes were removed.</returns>
    internal static int RemoveUpwards(Node node)
    {
        int removed = 0;
        var pending = new Stack<Node>();
        pending.Push(node);
        while (pending.TryPop(out Node? current))
        {
            if (!IsDead(current)) continue;
            foreach (Value value in Sources(current))
                if (value.Producer is { } producer) pending.Push(producer);
            current.Graph.Remove(current);
            removed++;
        }
        return removed;
    }

    private static bool IsDead(Node node)
    {
        if (node.IsRemoved || node.Outputs.Length == 0) return false;
        foreach (Value output in node.Outputs)
            if (!output.IsUnused) return false;
        return true;
    }

    /// <summary>The values that a node reads, those that its subgraphs capture among them.</summary>
    private static List<Value> Sources(Node node)
    {
        var sources = new List<Value>();
        AddInputs(node, sources);
        foreach (Graph subgraph in node.Subgraphs)
        {
            AddCaptures(subgraph.Outputs, subgraph, sources);
            foreach (Node inner in subgraph.AllNodes())
            {
                AddInputs(inner, sources);
                foreach (Graph nested in inner.Subgraphs) AddCaptures(nested.Outputs, subgraph, sources);
            }
        }
        return sources;
    }

    private static void AddInputs(Node node, List<Value> sources)
    {
        foreach (Value? input in node.Inputs)
            if (input is not null) sources.Add(input);
    }

    private static void AddCaptures(IReadOnlyList<Value> outputs, Graph subgraph, List<Value> sources)
    {
        foreach (Value output in outputs)
            if (!output.Graph.IsInside(subgraph)) sources.Add(output);
    }

    private static void RemoveUnusedInitializers(Graph graph, PassContext context)
    {
        foreach (Value value in graph.Initializers.Where(value => value.IsUnused).ToList())
        {
            if (context.IsExhausted) return;
            graph.RemoveInitializer(value);
            context.Changed(value.Name, "no node reads the constant");
        }
    }
}
