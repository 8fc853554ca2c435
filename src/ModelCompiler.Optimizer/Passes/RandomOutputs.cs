using ModelCompiler.Onnx;

namespace ModelCompiler.Optimizer.Passes;

/// <summary>The outputs of a model that hang on numbers drawn at random: another answer at each run, so that two models cannot be compared by them.</summary>
public static class RandomOutputs
{
    /// <summary>Their names; the graph's nodes stand in topological order.</summary>
    public static IReadOnlySet<string> Of(Graph graph)
    {
        ArgumentNullException.ThrowIfNull(graph);
        var random = new HashSet<Value>();
        foreach (Node node in graph.Nodes)
            if (IsRandom(node)) random.UnionWith(node.Outputs.ToArray());
        return graph.Outputs.Where(random.Contains).Select(output => output.Name).ToHashSet(StringComparer.Ordinal);

        // What a branch or a body captures counts as what its node reads.
        bool IsRandom(Node node) => RandomOperators.Contains(node) || node.Inputs.ToArray().Any(input => input is not null && random.Contains(input))
            || node.Subgraphs.SelectMany(body => body.AllNodes()).Any(inner => RandomOperators.Contains(inner) || inner.Inputs.ToArray().Any(input => input is not null && random.Contains(input)));
    }
}
