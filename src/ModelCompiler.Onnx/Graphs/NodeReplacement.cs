namespace ModelCompiler.Onnx;

/// <summary>Puts another node in the place of one: an operator and the number of outputs cannot be changed in place.</summary>
public static class NodeReplacement
{
    /// <summary>
    /// A new node whose outputs take over the uses, types and names of the old node's; outputs beyond
    /// <paramref name="outputCount"/> must be unused. The old node is removed.
    /// </summary>
    /// <param name="node">The old node.</param>
    /// <param name="opType">The new operator.</param>
    /// <param name="inputs">What it reads.</param>
    /// <param name="domain">Its domain.</param>
    /// <param name="outputCount">How many outputs it has; as many as the old node by default.</param>
    /// <param name="keepAttributes">Whether it takes over the attributes, subgraphs excepted.</param>
    public static Node ReplaceBy(this Node node, string opType, ReadOnlySpan<Value?> inputs, string domain = "", int? outputCount = null, bool keepAttributes = true)
    {
        Graph graph = node.Graph;
        string[] names = [.. node.Outputs.ToArray().Take(outputCount ?? node.Outputs.Length).Select(output => output.Name)];
        Node replacement = graph.AddNode(opType, inputs, names, domain, node.Name, before: node);
        replacement.Doc = node.Doc;
        if (keepAttributes)
            foreach (NodeAttribute attribute in node.Attributes)
                if (attribute.Value is not (Graph or Graph[])) replacement.Attributes.Set(attribute);
        for (int i = 0; i < names.Length; i++)
        {
            if (names[i].Length == 0) continue;
            Value old = node.Outputs[i], fresh = replacement.Outputs[i];
            fresh.Type = old.Type;
            fresh.Doc = old.Doc;
            graph.ReplaceAllUses(old, fresh);
            // Towards the outside the name has been handed over already.
            if (fresh.Name != names[i]) (old.Name, fresh.Name) = (fresh.Name, old.Name);
        }
        graph.Remove(node);
        return replacement;
    }
}
