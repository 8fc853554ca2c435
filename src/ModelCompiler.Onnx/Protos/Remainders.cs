using Google.Protobuf;

namespace ModelCompiler.Onnx.Protos;

/// <summary>
/// What a message holds beyond the graph model: metadata and the fields of a later format. It travels beside the object that was read from the
/// message, and the object is written back into a copy of it. Null where there is nothing, as in nearly every file.
/// </summary>
internal static class Remainders
{
    /// <summary>A copy to write into, or a new message.</summary>
    public static T Start<T>(object? extras) where T : class, IDeepCloneable<T>, new() => (extras as T)?.Clone() ?? new T();
}

internal sealed partial class ModelProto
{
    public ModelProto? Remainder()
    {
        if (_unknownFields is null && TrainingInfo.Count == 0 && Configuration.Count == 0) return null;
        return new ModelProto { _unknownFields = _unknownFields, TrainingInfo = { TrainingInfo }, Configuration = { Configuration } };
    }
}

internal sealed partial class GraphProto
{
    public GraphProto? Remainder()
    {
        if (_unknownFields is null && MetadataProps.Count == 0 && QuantizationAnnotation.Count == 0) return null;
        return new GraphProto { _unknownFields = _unknownFields, MetadataProps = { MetadataProps }, QuantizationAnnotation = { QuantizationAnnotation } };
    }
}

internal sealed partial class FunctionProto
{
    public FunctionProto? Remainder()
    {
        if (_unknownFields is null && MetadataProps.Count == 0) return null;
        return new FunctionProto { _unknownFields = _unknownFields, MetadataProps = { MetadataProps } };
    }
}

internal sealed partial class NodeProto
{
    public NodeProto? Remainder()
    {
        if (_unknownFields is null && MetadataProps.Count == 0 && DeviceConfigurations.Count == 0) return null;
        return new NodeProto { _unknownFields = _unknownFields, MetadataProps = { MetadataProps }, DeviceConfigurations = { DeviceConfigurations } };
    }
}

internal sealed partial class AttributeProto
{
    public AttributeProto? Remainder()
    {
        if (_unknownFields is null && DocString.Length == 0) return null;
        return new AttributeProto { _unknownFields = _unknownFields, DocString = DocString };
    }
}

internal sealed partial class ValueInfoProto
{
    /// <summary>With the type as it was where <paramref name="isTypeLossy"/>: the graph model does not hold all of it.</summary>
    public ValueInfoProto? Remainder(bool isTypeLossy)
    {
        if (_unknownFields is null && MetadataProps.Count == 0 && !isTypeLossy) return null;
        return new ValueInfoProto { _unknownFields = _unknownFields, MetadataProps = { MetadataProps }, Type = isTypeLossy ? Type : null };
    }
}

internal sealed partial class TensorProto
{
    /// <summary>With the name, which only initializers keep elsewhere.</summary>
    public TensorProto? Remainder(bool keepName)
    {
        keepName &= Name.Length > 0;
        if (_unknownFields is null && MetadataProps.Count == 0 && DocString.Length == 0 && !keepName) return null;
        return new TensorProto { _unknownFields = _unknownFields, MetadataProps = { MetadataProps }, DocString = DocString, Name = keepName ? Name : "" };
    }
}
