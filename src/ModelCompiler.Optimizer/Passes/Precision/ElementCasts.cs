using ModelCompiler.Onnx;

namespace ModelCompiler.Optimizer.Passes.Precision;

/// <summary>What changes the element types of a whole graph puts at the borders.</summary>
internal static class ElementCasts
{
    /// <summary>Adds a Cast of a value to another element type.</summary>
    public static Value Cast(Graph graph, Value value, ElementType type, Node? before)
    {
        Node cast = graph.AddNode("Cast", [value], before: before);
        cast.Attributes.Set("to", (long)type);
        cast.Output.Type = new TensorType(type, value.Shape);
        return cast.Output;
    }

    /// <summary>Lets the graphs that have a value as an output give another one.</summary>
    /// <param name="main">The graph of the model.</param>
    /// <param name="value">The output.</param>
    /// <param name="replacement">What a graph gives instead; the value itself where it stays.</param>
    public static void ReplaceOutputs(Graph main, Value value, Func<Graph, Value> replacement)
    {
        if (!value.IsOutput) return;
        foreach (Graph graph in main.AllGraphs().Where(graph => graph.Outputs.Contains(value)).ToList())
        {
            Value by = replacement(graph);
            if (ReferenceEquals(by, value)) continue;
            Value[] outputs = [.. graph.Outputs];
            while (graph.Outputs.Count > 0) graph.RemoveOutput(graph.Outputs.Count - 1);
            foreach (Value output in outputs) graph.AddOutput(ReferenceEquals(output, value) ? by : output);
        }
    }

    /// <summary>Casts a result of the model back to the type that it is declared with, under its own name.</summary>
    public static void CastResult(Graph main, Value value, ElementType type, string suffix)
    {
        string name = value.Name;
        Value result = Cast(main, value, type, before: null);
        main.Rename(value, name + suffix);
        main.Rename(result, name);
        ReplaceOutputs(main, value, graph => ReferenceEquals(graph, main) ? result : value);
    }
}
