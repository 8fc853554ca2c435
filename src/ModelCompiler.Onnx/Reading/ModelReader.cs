using Google.Protobuf.Collections;
using ModelCompiler.Diagnostics;
using ModelCompiler.Onnx.Protos;

namespace ModelCompiler.Onnx;

/// <summary>Builds the graph model from a parsed file.</summary>
internal sealed class ModelReader(TensorReader tensors)
{
    public Model Read(ModelProto proto)
    {
        var graph = new Graph(proto.Graph.Name) { Doc = proto.Graph.DocString, Extras = proto.Graph.Remainder() };
        var model = new Model(graph)
        {
            IrVersion = proto.IrVersion,
            ProducerName = proto.ProducerName,
            ProducerVersion = proto.ProducerVersion,
            Domain = proto.Domain,
            ModelVersion = proto.ModelVersion,
            Doc = proto.DocString,
            Extras = proto.Remainder(),
        };
        ReadOpsets(proto.OpsetImport, model.Opsets);
        // Versions 1 and 2 of the format had no operator sets yet.
        if (model.Opsets.Count == 0 && model.IrVersion >= 3) throw Invalid("it does not say which operator sets it is written in");
        foreach (StringStringEntryProto pair in proto.MetadataProps) model.Metadata.Add(new(pair.Key, pair.Value));

        new GraphReader(tensors, graph, outer: null).Read(proto.Graph);
        ReadFunctions(proto.Functions, model);
        Sort(graph);
        return model;
    }

    private void ReadFunctions(RepeatedField<FunctionProto> protos, Model model)
    {
        var seen = new HashSet<(string, string, string)>();
        foreach (FunctionProto proto in protos)
        {
            Function function = ReadFunction(proto);
            if (!seen.Add((function.Domain, function.Name, function.Overload))) throw Invalid($"function '{function.Name}' is defined twice");
            model.Functions.Add(function);
        }
    }

    private Function ReadFunction(FunctionProto proto)
    {
        if (proto.Name.Length == 0) throw Invalid("a function has no name");
        var body = new Graph(proto.Name) { Doc = proto.DocString };
        var reader = new GraphReader(tensors, body, outer: null);
        reader.ReadBody(proto);
        var function = new Function(NodeReader.DomainName(proto.Domain), proto.Name, proto.Overload, body) { Extras = proto.Remainder() };
        ReadOpsets(proto.OpsetImport, function.Opsets);
        function.RequiredAttributes.AddRange(proto.Attribute);
        foreach (AttributeProto attribute in proto.AttributeProto) function.DefaultAttributes.Add(reader.ReadAttribute(attribute));
        Sort(body);
        return function;
    }

    private static void ReadOpsets(RepeatedField<OperatorSetIdProto> protos, SortedDictionary<string, long> opsets)
    {
        foreach (OperatorSetIdProto proto in protos)
        {
            string domain = NodeReader.DomainName(proto.Domain);
            if (proto.Version < 0) throw Invalid($"version {proto.Version} of operator set '{domain}' is negative");
            if (!opsets.TryAdd(domain, proto.Version) && opsets[domain] != proto.Version) throw Invalid($"operator set '{domain}' is imported in two versions");
        }
    }

    private static void Sort(Graph graph)
    {
        if (graph.SortTopologically() is { } node) throw Invalid($"node '{node}' needs its own result");
    }

    private static CompilerException Invalid(string what) => new(DiagnosticTable.ModelInvalid, what);
}
