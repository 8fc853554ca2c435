using ModelCompiler.Diagnostics;
using ModelCompiler.Onnx.Protos;

namespace ModelCompiler.Onnx;

/// <summary>Reads tensors wherever they stand. Sizes are checked against the dimensions before anything is allocated.</summary>
internal sealed class TensorReader(ExternalDataReader external)
{
    private const int InExternalFile = 1;

    /// <summary>Reads a tensor; its name is kept in it where <paramref name="keepName"/>, that is in attributes.</summary>
    public Tensor Read(TensorProto proto, bool keepName = true)
    {
        var type = (ElementType)proto.DataType;
        long[] dims = [.. proto.Dims];
        long count = CountElements(proto, dims);
        if (type == ElementType.Undefined) throw Invalid(proto, "has no element type");
        if (proto.Segment is not null) throw Invalid(proto, "is split into segments, which no runtime supports");
        if (type != ElementType.String && type.BitWidth() == 0) return ReadUnknownType(proto, type, dims);

        long length;
        try
        {
            length = type == ElementType.String ? count : type.ByteSize(count);
        }
        catch (OverflowException)
        {
            throw TooLarge(proto);
        }
        TensorData data = ReadData(proto, type, length);
        if (data.Length != length)
            throw Invalid(proto, $"has {data.Length} {(type == ElementType.String ? "strings" : "bytes")} of data, and {type}[{string.Join(',', dims)}] takes {length}");
        return new Tensor(type, dims, data) { Extras = proto.Remainder(keepName) };
    }

    /// <summary>Reads a tensor in coordinate form.</summary>
    public SparseTensor Read(SparseTensorProto proto)
    {
        if (proto.Values is null || proto.Indices is null) throw new CompilerException(DiagnosticTable.ModelInvalid, "a sparse tensor has no values or no indices");
        if (proto.Dims.Any(dim => dim < 0)) throw Invalid(proto.Values, "has a negative dimension");
        return new SparseTensor(proto.Values.Name, Read(proto.Values), Read(proto.Indices), proto.Dims.ToArray());
    }

    private TensorData ReadData(TensorProto proto, ElementType type, long length)
    {
        if (type == ElementType.String) return TensorData.OfStrings([.. proto.StringData.Select(s => s.Memory)]);
        if (proto.DataLocation == InExternalFile) return external.Open(proto, length);
        if (proto.HasRawData && (proto.RawData.Length > 0 || length == 0)) return TensorData.InMemory(proto.RawData.Memory);
        return TensorData.InMemory(TypedData.ToBytes(proto));
    }

    /// <summary>A type of a later format: its data passes through, whichever field it is in.</summary>
    private static Tensor ReadUnknownType(TensorProto proto, ElementType type, long[] dims)
    {
        if (proto.DataLocation == InExternalFile) throw Invalid(proto, $"has external data of the unknown type {(int)type}");
        TensorProto rest = proto.Clone();
        rest.Dims.Clear();
        rest.ClearRawData();
        return new Tensor(type, dims, proto.RawData.Memory) { Extras = rest };
    }

    private static long CountElements(TensorProto proto, long[] dims)
    {
        if (Array.Exists(dims, dim => dim < 0)) throw Invalid(proto, "has a negative dimension");
        try
        {
            return Tensor.CountElements(dims);
        }
        catch (OverflowException)
        {
            throw TooLarge(proto);
        }
    }

    private static CompilerException TooLarge(TensorProto proto) => new(DiagnosticTable.ModelTooLarge, $"tensor '{proto.Name}' has more elements than 64 bits can count");

    private static CompilerException Invalid(TensorProto proto, string what) => new(DiagnosticTable.ModelInvalid, $"tensor '{proto.Name}' {what}");
}
