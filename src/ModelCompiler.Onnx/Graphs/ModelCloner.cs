namespace ModelCompiler.Onnx;

/// <summary>Copies models: graphs, nodes and values anew, tensors and other immutable parts shared. Names are kept.</summary>
public static class ModelCloner
{
    /// <summary>A copy that can be changed without touching <paramref name="model"/>. Subgraphs are copied too.</summary>
    public static Model Clone(this Model model)
    {
        var copy = new Model(new Graph(model.Graph.Name))
        {
            IrVersion = model.IrVersion,
            ProducerName = model.ProducerName,
            ProducerVersion = model.ProducerVersion,
            Domain = model.Domain,
            ModelVersion = model.ModelVersion,
            Doc = model.Doc,
            Extras = model.Extras,
        };
        foreach ((string domain, long version) in model.Opsets) copy.Opsets[domain] = version;
        copy.Metadata.AddRange(model.Metadata);
        // Functions are replaced as a whole and never edited.
        copy.Functions.AddRange(model.Functions);
        new GraphCopier().CopyGraph(model.Graph, copy.Graph);
        return copy;
    }

    /// <summary>A function of the same content whose body can be changed.</summary>
    internal static Function Copy(this Function function)
    {
        var copy = new Function(function.Domain, function.Name, function.Overload, new Graph(function.Body.Name)) { Extras = function.Extras };
        foreach ((string domain, long version) in function.Opsets) copy.Opsets[domain] = version;
        copy.RequiredAttributes.AddRange(function.RequiredAttributes);
        copy.DefaultAttributes.AddRange(function.DefaultAttributes);
        new GraphCopier().CopyGraph(function.Body, copy.Body);
        return copy;
    }
}
