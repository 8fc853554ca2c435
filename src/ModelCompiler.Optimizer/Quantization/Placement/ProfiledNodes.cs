using System.Text.RegularExpressions;
using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Measurement;

namespace ModelCompiler.Optimizer.Quantization.Placement;

/// <summary>
/// The times of a profile, put back onto the nodes of the graph that ONNX Runtime made its own from. It names a fused node after one of those
/// that it stands for, or after the tensor that it gives, and adds what it did.
/// </summary>
internal static partial class ProfiledNodes
{
    /// <summary>Microseconds by the name of the node; what stands for no node of the graph (conversions, changes of layout) is left out.</summary>
    /// <param name="graph">A graph whose nodes have names, each its own.</param>
    /// <param name="profile">A profile of the graph in one precision or another.</param>
    /// <param name="overhead">Microseconds that the profiler adds to each node.</param>
    public static IReadOnlyDictionary<string, double> Times(Graph graph, NodeProfile profile, double overhead)
    {
        var names = new Dictionary<string, Node>(StringComparer.Ordinal);
        foreach (Node node in graph.Nodes)
            foreach (Value output in node.Outputs) names.TryAdd(output.Name, node);
        foreach (Node node in graph.Nodes) names[node.Name] = node;
        var times = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (NodeTime time in profile.Nodes)
        {
            if (Find(names, time.Name) is not { } node) continue;
            times[node.Name] = times.GetValueOrDefault(node.Name) + Math.Max(0, time.MedianMs * 1000 - overhead);
        }
        foreach (Node node in graph.Nodes) MoveToProduct(node, times);
        return times;
    }

    private static Node? Find(Dictionary<string, Node> names, string name) =>
        names.TryGetValue(name, out Node? node) || names.TryGetValue(Additions().Replace(name, ""), out node) ? node : null;

    /// <summary>A product that was fused with what follows may have lost its name to it: the time is the product's.</summary>
    private static void MoveToProduct(Node node, Dictionary<string, double> times)
    {
        if (!(node.Is("Conv") || node.Is("Gemm") || node.Is("MatMul")) || times.ContainsKey(node.Name)) return;
        for (Node? next = Follower(node); next is not null; next = Follower(next))
        {
            if (!times.Remove(next.Name, out double time)) continue;
            times[node.Name] = time;
            return;
        }
    }

    private static Node? Follower(Node node) => node.Outputs[0].Uses.Select(use => use.Node).FirstOrDefault(next => !next.Is("Conv") && !next.Is("Gemm") && !next.Is("MatMul"));

    [GeneratedRegex("^fused |(_nchwc|_nhwc|_token_[0-9]+|/[A-Za-z]+Fusion/?)+$")]
    private static partial Regex Additions();
}
