namespace ModelCompiler.Onnx;

/// <summary>The files beside a model that hold its weights.</summary>
public static class ExternalDataFiles
{
    /// <summary>Their full paths, each once, in ordinal order.</summary>
    public static IReadOnlyList<string> Of(Model model)
    {
        var paths = new SortedSet<string>(StringComparer.Ordinal);
        foreach (Graph graph in model.Functions.Select(function => function.Body).Prepend(model.Graph).SelectMany(graph => graph.AllGraphs()))
        {
            foreach (Value value in graph.Initializers) Add(value.Initializer);
            foreach (Node node in graph.Nodes)
                foreach (NodeAttribute attribute in node.Attributes) Add(attribute.Value);
        }
        return [.. paths];

        void Add(object? value)
        {
            if (value is Tensor { Data: FileData data }) paths.Add(data.Path);
            if (value is Tensor[] tensors) Array.ForEach(tensors, Add);
        }
    }
}
