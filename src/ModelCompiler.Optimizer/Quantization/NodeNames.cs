using ModelCompiler.Onnx;

namespace ModelCompiler.Optimizer.Quantization;

/// <summary>Names for nodes, so that what is found out about one form of a graph is found again in another.</summary>
internal static class NodeNames
{
    /// <summary>Names the nodes without a name, or with one that another has, after their first output.</summary>
    public static void MakeUnique(Graph graph)
    {
        var taken = graph.Nodes.Select(node => node.Outputs[0].Name).ToHashSet(StringComparer.Ordinal);
        foreach (Node node in graph.Nodes)
            if (node.Name.Length == 0 || (node.Name != node.Outputs[0].Name && !taken.Add(node.Name))) node.Name = node.Outputs[0].Name;
    }
}
