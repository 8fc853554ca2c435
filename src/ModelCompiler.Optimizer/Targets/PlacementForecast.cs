using ModelCompiler.Onnx;

namespace ModelCompiler.Optimizer.Targets;

/// <summary>Nodes of one operator that a provider leaves to others, by its table.</summary>
/// <param name="Operator">The operator, with its domain before a dot where that is not ONNX's own.</param>
/// <param name="Nodes">The names of its nodes; of their outputs where they have none.</param>
/// <param name="Reason">Why, and what would help.</param>
public sealed record UnsupportedOperator(string Operator, IReadOnlyList<string> Nodes, string Reason);

/// <summary>
/// Says which nodes an execution provider that is not here will leave to the CPU. It knows operators and open dimensions, not each limit of
/// each kernel: the provider itself may take fewer.
/// </summary>
public static class PlacementForecast
{
    /// <summary>What the provider does not run, the most frequent operator first; shape computations are left out.</summary>
    public static IReadOnlyList<UnsupportedOperator> Of(Graph graph, TargetProfile target)
    {
        if (target.Operators is not { } operators) return [];
        var sizes = ShapeNodes.Of(graph).ToHashSet();
        return
        [
            .. graph.AllNodes().Where(node => !sizes.Contains(node))
                .Select(node => (Node: node, Reason: ReasonAgainst(node, target, operators)))
                .Where(pair => pair.Reason is not null)
                .GroupBy(pair => (Operator: NameOf(pair.Node), pair.Reason))
                .OrderByDescending(group => group.Count()).ThenBy(group => group.Key.Operator, StringComparer.Ordinal)
                .Select(group => new UnsupportedOperator(group.Key.Operator, [.. group.Select(pair => Label(pair.Node))], group.Key.Reason!)),
        ];
    }

    private static string? ReasonAgainst(Node node, TargetProfile target, IReadOnlySet<string> operators)
    {
        if (node.Domain is not ("" or "ai.onnx") && !target.FusedOperators.Contains(node.OpType)) return $"{target.Name} has no kernel for the domain {node.Domain}; export the model with ONNX's own operators";
        if (node.Domain is "" or "ai.onnx" && !operators.Contains(node.OpType)) return $"{target.Name} has no kernel for it; replace it in the model, or cut it off with Outputs";
        return target.NeedsFixedShapes && node.Outputs.ToArray().Any(output => output.Shape is { } shape && shape.Any(dim => !dim.IsKnown))
            ? $"{target.Name} needs fixed sizes; set them with Dimensions"
            : null;
    }

    private static string NameOf(Node node) => node.Domain is "" or "ai.onnx" ? node.OpType : $"{node.Domain}.{node.OpType}";

    private static string Label(Node node) => node.Name.Length > 0 ? node.Name : node.Outputs[0].Name;
}
