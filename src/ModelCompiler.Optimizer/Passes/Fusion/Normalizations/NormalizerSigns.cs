using ModelCompiler.Onnx;

namespace ModelCompiler.Optimizer.Passes.Fusion.Normalizations;

/// <summary>
/// Normalizer(x, L2) = LpNormalization(x, 2). ONNX Runtime's Normalizer writes the squares first and reads the signs after that: where it shares its input's memory,
/// as it does once shapes are known, it answers without them. The files that we write have all shapes that can be inferred.
/// </summary>
public sealed class NormalizerSigns : IPass
{
    private const string Domain = "ai.onnx.ml";
    private const long StandardOpset = 13;

    /// <inheritdoc/>
    public string Name => "normalizer-signs";

    /// <inheritdoc/>
    public void Apply(PassContext context)
    {
        List<Node> nodes = [.. context.Graph.AllNodes().Where(node => node.Is("Normalizer", Domain) && node.Attributes.GetString("norm", "MAX") == "L2")];
        if (nodes.Count == 0) return;
        context.Model.InferTypes();
        // A pipeline of ai.onnx.ml alone need not name the set of the standard's operators.
        context.Model.Opsets.TryAdd("", StandardOpset);
        foreach (Node node in nodes)
            if (Replace(node)) context.Changed(node.ToString(), "became an LpNormalization, which keeps the signs");
    }

    private static bool Replace(Node node)
    {
        // Numbers of eight bytes share no memory with floats, and without a shape nothing is shared.
        if (node.Input(0) is not { ElementType: ElementType.Float or ElementType.Int32, Shape: { } shape } source) return false;
        Graph graph = node.Graph;
        Value floats = source.ElementType == ElementType.Float ? source : Insert("Cast", source, new NodeAttribute("to", (long)ElementType.Float));
        // A vector is one row; of more dimensions, the second is summed over.
        Value normalized = Insert("LpNormalization", floats, new NodeAttribute("axis", Math.Min(1L, shape.Rank - 1)), new NodeAttribute("p", 2L));
        graph.ReplaceAllUses(node.Outputs[0], normalized);
        graph.Remove(node);
        return true;

        Value Insert(string opType, Value input, params ReadOnlySpan<NodeAttribute> attributes)
        {
            Node inserted = graph.AddNode(opType, [input], 1, "", node.Name.Length > 0 ? $"{node.Name}_{opType}" : "", node);
            foreach (NodeAttribute attribute in attributes) inserted.Attributes.Set(attribute);
            inserted.Outputs[0].Type = new TensorType(ElementType.Float, shape);
            return inserted.Outputs[0];
        }
    }
}
