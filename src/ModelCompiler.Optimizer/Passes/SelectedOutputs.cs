using ModelCompiler.Onnx;

namespace ModelCompiler.Optimizer.Passes;

/// <summary>
/// Outputs whose size hangs on numbers, as what is left of a detector's boxes: one box more or less moves all behind it, so that element by element they
/// tell little of how two models agree.
/// </summary>
public static class SelectedOutputs
{
    private static readonly HashSet<string> Operators = ["NonMaxSuppression", "NonZero", "Compress", "Unique"];

    /// <summary>Their names; the graph's nodes stand in topological order, and its shapes are inferred.</summary>
    public static IReadOnlySet<string> Of(Graph graph)
    {
        ArgumentNullException.ThrowIfNull(graph);
        HashSet<string> given = [.. graph.Inputs.SelectMany(input => input.Shape ?? Shape.Of()).Where(dim => dim.Symbol is not null).Select(dim => dim.Symbol!)];
        var selected = new HashSet<Value>();
        foreach (Node node in graph.Nodes)
            if (IsSelected(node)) selected.UnionWith(node.Outputs.ToArray().Where(IsOfOpenSize));
        return graph.Outputs.Where(selected.Contains).Select(output => output.Name).ToHashSet(StringComparer.Ordinal);

        bool IsSelected(Node node) => Operators.Contains(node.OpType) || node.Inputs.ToArray().Any(input => input is not null && selected.Contains(input));

        // What is as large as the inputs say holds all of them, however it was computed.
        bool IsOfOpenSize(Value value) => value.Shape is not { } shape || shape.Any(dim => !dim.IsKnown && !(dim.Symbol is { } symbol && given.Contains(symbol)));
    }
}
