using ModelCompiler.Onnx;

namespace ModelCompiler.Optimizer.Passes.Precision;

/// <summary>
/// w ≈ Cast(half(w)): weights lie in the file in 16 bits and are turned into float32 once, when ONNX Runtime folds the Cast at load. Half the size;
/// the arithmetic, and its speed, stay those of float32. Constants that the format cannot hold stay as they are.
/// </summary>
public sealed class HalfStorage(HalfFormat format) : IPass
{
    /// <summary>Smaller constants save nothing that a node does not cost.</summary>
    private const int FewNumbers = 256;

    /// <inheritdoc/>
    public string Name => "half-storage";

    /// <inheritdoc/>
    public bool KeepsTypes => true;

    /// <inheritdoc/>
    public void Apply(PassContext context)
    {
        foreach (Graph graph in context.Graph.AllGraphs().ToList())
        {
            foreach (Value value in graph.Initializers.ToList())
            {
                if (value.Initializer is not { ElementType: ElementType.Float, ElementCount: >= FewNumbers } || value.IsInput || value.IsUnused || !TakesCast(value)) continue;
                if (format.Of(value.Initializer, out string? reason) is { } half) Store(graph, value, half, context);
                else context.Refused(value.Name, reason!);
            }
        }
    }

    /// <summary>The fusion of QuantizeLinear and DequantizeLinear wants its constants as they are, and so do operators on quantized weights.</summary>
    private static bool TakesCast(Value value)
    {
        foreach (Use use in value.Uses)
            if (use.Node.Domain.Length > 0 || use.Node.OpType.Contains("Linear", StringComparison.Ordinal) || use.Node.OpType.Contains("Integer", StringComparison.Ordinal)) return false;
        return true;
    }

    private void Store(Graph graph, Value value, Tensor half, PassContext context)
    {
        Node cast = graph.AddNode("Cast", [graph.AddInitializer(value.Name + "_half", half)], before: graph.Nodes.First);
        cast.Attributes.Set("to", (long)ElementType.Float);
        cast.Output.Type = value.Type;
        graph.ReplaceAllUses(value, cast.Output);
        graph.RemoveInitializer(value);
        context.Changed(value.Name, "stored in " + format.Name);
    }
}
