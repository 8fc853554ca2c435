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
        var map = new Dictionary<Value, Value>();
        for (int i = 0; i < arguments.Count; i++) map.Add(body.Inputs[i], arguments[i]);
        // Names of nodes are for people and need not be there, but ONNX Runtime refuses two of one name in a graph.
        foreach (Node copy in ModelCloner.CopyContent(body, graph, map, before)) copy.Name = "";
        return [.. body.Outputs.Select(output => ModelCloner.Find(map, output))];
    }
}
