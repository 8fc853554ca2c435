using ModelCompiler.Onnx;

namespace ModelCompiler.Optimizer.Passes;

/// <summary>
/// What a model chooses from whose every output is a choice: classes of pixels by ArgMax, boxes that NonMaxSuppression leaves. A choice is the same or another,
/// and one box more moves all behind it; how good the numbers are that it is made by is seen in these only.
/// </summary>
internal static class SelectionInputs
{
    private static readonly HashSet<string> Selecting = ["ArgMax", "ArgMin", "TopK", "NonMaxSuppression", "NonZero", "Compress", "Unique"];
    private static readonly HashSet<string> Products = ["Conv", "ConvTranspose", "Gemm", "MatMul", "LSTM", "GRU", "RNN"];

    /// <summary>
    /// The values of floating point from which on everything is chosen; none where some output is no choice, or where layers stand behind a choice, as in detectors of
    /// two stages: what these make of it would not be seen. The graph's types are inferred; where its nodes stand in no topological order, less is found.
    /// </summary>
    public static IReadOnlyList<Value> Of(Graph graph)
    {
        var chosen = new HashSet<Value>();
        var sources = new List<Value>();
        foreach (Node node in graph.Nodes)
        {
            bool selects = Selecting.Contains(node.OpType) || node.Inputs.ToArray().Any(input => input is not null && chosen.Contains(input));
            if (!selects) continue;
            if (Products.Contains(node.OpType) || node.Subgraphs.Any()) return [];
            chosen.UnionWith(node.Outputs.ToArray());
            foreach (Value? input in node.Inputs)
                if (input is { Producer: not null } && IsFloating(input) && !chosen.Contains(input) && !sources.Contains(input)) sources.Add(input);
        }
        return graph.Outputs.All(chosen.Contains) ? sources : [];
    }

    /// <summary>Whether something is chosen at all; asked before types are known.</summary>
    public static bool MayHave(Graph graph) => graph.Nodes.Any(node => Selecting.Contains(node.OpType));

    private static bool IsFloating(Value value) => value.ElementType is ElementType.Float or ElementType.Float16 or ElementType.Double;
}
