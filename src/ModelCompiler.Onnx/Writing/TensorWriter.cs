using Google.Protobuf;
using ModelCompiler.Onnx.Protos;

namespace ModelCompiler.Onnx;

/// <summary>Writes tensors: numbers as <c>raw_data</c> or to the external file.</summary>
internal sealed class TensorWriter(ExternalDataWriter? external)
{
    /// <summary>An initializer, which may go to the external file.</summary>
    public TensorProto WriteInitializer(string name, Tensor tensor)
    {
        TensorProto proto = Start(tensor);
        proto.Name = name;
        if (external is not null && external.Takes(tensor)) external.Write(proto, tensor.Data);
        else WriteData(proto, tensor);
        return proto;
    }

    /// <summary>A tensor in an attribute, which stays in the model.</summary>
    public static TensorProto Write(Tensor tensor)
    {
        TensorProto proto = Start(tensor);
        WriteData(proto, tensor);
        return proto;
    }

    /// <summary>A tensor in coordinate form, in an attribute.</summary>
    public static SparseTensorProto Write(SparseTensor tensor) => new() { Values = Write(tensor.Values), Indices = Write(tensor.Indices), Dims = { tensor.Dims.ToArray() } };

    private static TensorProto Start(Tensor tensor)
    {
        var proto = Remainders.Start<TensorProto>(tensor.Extras);
        proto.DataType = (int)tensor.ElementType;
        foreach (long dim in tensor.Dims) proto.Dims.Add(dim);
        return proto;
    }

    private static void WriteData(TensorProto proto, Tensor tensor)
    {
        if (tensor.ElementType == ElementType.String)
        {
            foreach (ReadOnlyMemory<byte> text in tensor.StringData) proto.StringData.Add(UnsafeByteOperations.UnsafeWrap(text));
            return;
        }
        // A type of a later format may have its data in another field, which came along with the rest.
        if (tensor.ElementType.BitWidth() == 0 && tensor.Data.Length == 0) return;
        proto.RawData = UnsafeByteOperations.UnsafeWrap(tensor.Data.Memory);
    }
}
