namespace ModelCompiler.Onnx;

/// <summary>Orders the nodes of a graph so that each stands after the nodes whose values it reads.</summary>
public static class Topology
{
    /// <summary>
    /// Sorts this graph and its subgraphs in place (Kahn 1962), stable: among ready nodes the one that stood first comes first.
    /// </summary>
    /// <returns>A node on a cycle, or null where the order is now topological.</returns>
    public static Node? SortTopologically(this Graph graph)
    {
        var pending = new Stack<Graph>();
        pending.Push(graph);
        while (pending.TryPop(out Graph? current))
        {
            if (SortNodes(current) is { } onCycle) return onCycle;
            foreach (Node node in current.Nodes)
                foreach (Graph inner in node.Subgraphs)
                    pending.Push(inner);
        }
        return null;
    }

    private static Node? SortNodes(Graph graph)
    {
        if (IsSorted(graph)) return null;
        var waitsFor = new Dictionary<Node, int>(graph.Nodes.Count);
        var dependants = new Dictionary<Node, List<Node>>(graph.Nodes.Count);
        foreach (Node node in graph.Nodes)
        {
            int count = 0;
            foreach (Node producer in Dependencies(node, graph))
            {
                count++;
                if (!dependants.TryGetValue(producer, out List<Node>? list)) dependants.Add(producer, list = []);
                list.Add(node);
            }
            waitsFor.Add(node, count);
        }

        var ready = new PriorityQueue<Node, int>();
        foreach ((Node node, int count) in waitsFor)
            if (count == 0) ready.Enqueue(node, node.Position);
        var order = new List<Node>(graph.Nodes.Count);
        while (ready.TryDequeue(out Node? node, out _))
        {
            order.Add(node);
            if (!dependants.TryGetValue(node, out List<Node>? list)) continue;
            foreach (Node dependant in list)
                if (--waitsFor[dependant] == 0) ready.Enqueue(dependant, dependant.Position);
        }
        if (order.Count < graph.Nodes.Count) return waitsFor.First(pair => pair.Value > 0).Key;
        graph.Nodes.Reorder(order);
        return null;
    }

    /// <summary>Most graphs are, after most passes: found out at a fraction of the cost of sorting.</summary>
    private static bool IsSorted(Graph graph)
    {
        int position = 0;
        foreach (Node node in graph.Nodes) node.Position = position++;
        foreach (Node node in graph.Nodes)
        {
            foreach (Value? input in node.Inputs)
                if (input?.Producer is { } producer && ReferenceEquals(producer.Graph, graph) && producer.Position >= node.Position) return false;
            if (node.Attributes.HasGraphs && Dependencies(node, graph).Any(producer => producer.Position >= node.Position)) return false;
        }
        return true;
    }

    /// <summary>The nodes of <paramref name="graph"/> whose values a node reads, itself or through captures of its subgraphs.</summary>
    private static HashSet<Node> Dependencies(Node node, Graph graph)
    {
        var result = new HashSet<Node>();
        AddProducers(node, graph, result);
        foreach (Graph subgraph in node.Subgraphs)
        {
            foreach (Node inner in subgraph.AllNodes()) AddProducers(inner, graph, result);
            foreach (Value output in subgraph.Outputs) AddProducer(output, graph, result);
        }
        return result;
    }

    private static void AddProducers(Node node, Graph graph, HashSet<Node> result)
    {
        foreach (Value? input in node.Inputs)
            if (input is not null) AddProducer(input, graph, result);
    }

    private static void AddProducer(Value value, Graph graph, HashSet<Node> result)
    {
        if (value.Producer is { } producer && ReferenceEquals(producer.Graph, graph)) result.Add(producer);
    }
}
