using ModelCompiler.Onnx;

namespace ModelCompiler.Optimizer.Quantization;

/// <summary>
/// The products behind which no other stands: what they compute is decoded and handed out. On integers, boxes in pixels and scores below one
/// share 256 steps there, or an exponential magnifies the steps.
/// </summary>
internal static class TailProducts
{
    /// <summary>Their names, of the products given by the names of their outputs.</summary>
    public static IReadOnlySet<string> Of(Graph graph, IReadOnlyList<string> products)
    {
        var leadsToProduct = new HashSet<Node>();
        foreach (Node node in graph.Nodes.Reverse())
        {
            foreach (Value output in node.Outputs)
                if (output.Uses.Any(use => leadsToProduct.Contains(use.Node) || IsProduct(use.Node))) leadsToProduct.Add(node);
        }
        var named = products.ToHashSet();
        return graph.Nodes.Where(node => !leadsToProduct.Contains(node) && named.Contains(node.Outputs[0].Name)).Select(node => node.Outputs[0].Name).ToHashSet();
    }

    private static bool IsProduct(Node node) => node.Is("Conv") || node.Is("Gemm") || node.Is("MatMul");
}
