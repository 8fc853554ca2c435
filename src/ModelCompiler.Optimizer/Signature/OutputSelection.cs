using ModelCompiler.Diagnostics;
using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes.Cleanup;

namespace ModelCompiler.Optimizer.Signature;

/// <summary>
/// Cuts a model down to the outputs that are wanted (<c>Outputs</c> of the item). A tensor inside the graph may be wanted too. What only led to other
/// outputs goes, and with it the inputs that nothing reads any more.
/// </summary>
public static class OutputSelection
{
    /// <summary>Keeps the outputs of these names, in this order.</summary>
    /// <returns>The names of the inputs that were removed.</returns>
    /// <exception cref="CompilerException">A name is none of the model's (OM2301).</exception>
    public static IReadOnlyList<string> Apply(Model model, IReadOnlyList<string> wanted)
    {
        Graph graph = model.Graph;
        Dictionary<string, Value> computed = graph.Outputs.Concat(graph.Nodes.SelectMany(node => node.Outputs.ToArray()))
            .Where(value => value.Name.Length > 0).DistinctBy(value => value.Name).ToDictionary(value => value.Name, StringComparer.Ordinal);
        Value[] outputs = [.. wanted.Distinct().Select(name => computed.GetValueOrDefault(name) ?? throw Unknown(name, graph))];
        if (outputs.Length == 0) throw DiagnosticTable.OutputsEmpty.Error();

        // Added before the others go, so that no value is out of use in between.
        int before = graph.Outputs.Count;
        foreach (Value output in outputs) graph.AddOutput(output);
        for (int i = before - 1; i >= 0; i--) graph.RemoveOutput(i);
        foreach (Node node in graph.Nodes.Reverse().ToList()) DeadCode.RemoveUpwards(node);
        return RemoveUnusedInputs(graph);
    }

    private static List<string> RemoveUnusedInputs(Graph graph)
    {
        var removed = new List<string>();
        foreach (Value input in graph.Inputs.Where(input => input.IsUnused).ToList())
        {
            graph.RemoveInput(input);
            removed.Add(input.Name);
        }
        return removed;
    }

    private static CompilerException Unknown(string name, Graph graph) =>
        DiagnosticTable.OutputUnknown.Error(name, string.Join(", ", graph.Outputs.Select(output => $"'{output}'")));
}
