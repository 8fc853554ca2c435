namespace ModelCompiler.Onnx;

/// <summary>Puts the body of a subgraph into another graph.</summary>
public static class GraphInlining
{
    /// <summary>
    /// Copies constants and nodes of <paramref name="body"/> into this graph, in front of <paramref name="before"/>. What the body captures it goes on
    /// reading, so this graph must lie where the body does: it is the graph of the node that holds it. Names that are taken are made fresh.
    /// </summary>
    /// <param name="graph">The graph that gets the copies.</param>
    /// <param name="body">The subgraph, which stays as it is.</param>
    /// <param name="arguments">What the body reads in place of its inputs, one for each.</param>
    /// <param name="before">The node in front of which the copies stand.</param>
    /// <returns>What the outputs of the body are now.</returns>
    public static IReadOnlyList<Value> Inline(this Graph graph, Graph body, IReadOnlyList<Value> arguments, Node before)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(arguments.Count, body.Inputs.Count, nameof(arguments));
        var copier = new GraphCopier();
        for (int i = 0; i < arguments.Count; i++) copier.Map(body.Inputs[i], arguments[i]);
        copier.CopyContent(body, graph, before);
        return [.. body.Outputs.Select(output => copier.Of(output)!)];
    }
}
