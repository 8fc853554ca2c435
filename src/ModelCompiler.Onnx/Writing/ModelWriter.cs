using Google.Protobuf.Collections;
using ModelCompiler.Onnx.Protos;

namespace ModelCompiler.Onnx;

/// <summary>Builds the message of a model.</summary>
internal sealed class ModelWriter(TensorWriter tensors, WriteOptions options)
{
    public ModelProto Write(Model model)
    {
        var proto = Remainders.Start<ModelProto>(model.Extras);
        proto.IrVersion = model.IrVersion;
        proto.ProducerName = model.ProducerName;
        proto.ProducerVersion = model.ProducerVersion;
        proto.Domain = model.Domain;
        proto.ModelVersion = model.ModelVersion;
        proto.DocString = model.Doc;
        AddOpsets(model.Opsets, proto.OpsetImport);
        foreach ((string key, string value) in model.Metadata) proto.MetadataProps.Add(new StringStringEntryProto { Key = key, Value = value });
        proto.Graph = WriterFor(model.Graph, model.IrVersion).Write(model.Graph);
        foreach (Function function in model.Functions) proto.Functions.Add(Write(function, model.IrVersion));
        return proto;
    }

    private GraphWriter WriterFor(Graph graph, long irVersion) => new(tensors, new ValueNames(graph), options, irVersion);

    private FunctionProto Write(Function function, long irVersion)
    {
        var proto = Remainders.Start<FunctionProto>(function.Extras);
        proto.Name = function.Name;
        proto.Domain = function.Domain;
        proto.Overload = function.Overload;
        AddOpsets(function.Opsets, proto.OpsetImport);
        proto.Attribute.Add(function.RequiredAttributes);
        GraphWriter writer = WriterFor(function.Body, irVersion);
        foreach (NodeAttribute attribute in function.DefaultAttributes) proto.AttributeProto.Add(writer.Write(attribute));
        writer.WriteBody(function.Body, proto);
        return proto;
    }

    private static void AddOpsets(SortedDictionary<string, long> opsets, RepeatedField<OperatorSetIdProto> protos)
    {
        foreach ((string domain, long version) in opsets) protos.Add(new OperatorSetIdProto { Domain = domain, Version = version });
    }
}
