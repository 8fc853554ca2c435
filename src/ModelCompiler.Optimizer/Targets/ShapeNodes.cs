using ModelCompiler.Onnx;

namespace ModelCompiler.Optimizer.Targets;

/// <summary>
/// Nodes that compute with sizes and not with data: Shape and Size themselves, and all that only such nodes and constants feed. Providers leave
/// them to the CPU, where the sizes are, and nothing is lost by that.
/// </summary>
public static class ShapeNodes
{
    /// <summary>These nodes, in the graph and its subgraphs.</summary>
    public static IReadOnlyList<Node> Of(Graph graph)
    {
        var found = new HashSet<Node>();
        bool isGrowing = true;
        while (isGrowing)
        {
            // One round is enough where nodes are in topological order; subgraphs may use what stands later in the list of all nodes.
            isGrowing = false;
            foreach (Node node in graph.AllNodes())
            {
                if (!found.Contains(node) && IsOfSizes(node, found)) isGrowing |= found.Add(node);
            }
        }
        return [.. graph.AllNodes().Where(found.Contains)];
    }

    /// <summary>Gives names to those that have none, so that they can be referred to.</summary>
    public static void Name(Graph graph)
    {
        foreach (Node node in Of(graph))
            if (node.Name.Length == 0) node.Name = "sizes/" + node.Outputs[0].Name;
    }

    private static bool IsOfSizes(Node node, HashSet<Node> found)
    {
        if (node.Is("Shape") || node.Is("Size")) return true;
        List<Value> inputs = [.. node.Inputs.ToArray().OfType<Value>().Where(input => input.Initializer is null && input.Producer?.Is("Constant") != true)];
        return inputs.Count > 0 && inputs.TrueForAll(input => input.Producer is { } producer && found.Contains(producer));
    }
}
