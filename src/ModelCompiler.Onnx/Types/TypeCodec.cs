using Google.Protobuf;
using ModelCompiler.Onnx.Protos;

namespace ModelCompiler.Onnx;

/// <summary>Types between the file's form and the graph's. The reader has bounded their depth.</summary>
internal static class TypeCodec
{
    /// <summary>The type, or null where the file says nothing.</summary>
    public static OnnxType? Decode(TypeProto? proto)
    {
        if (proto is null) return null;
        OnnxType? type = proto.ValueCase switch
        {
            TypeProto.ValueOneofCase.TensorType => new TensorType((ElementType)proto.TensorType.ElemType, DecodeShape(proto.TensorType.Shape)),
            TypeProto.ValueOneofCase.SparseTensorType => new SparseTensorType((ElementType)proto.SparseTensorType.ElemType, DecodeShape(proto.SparseTensorType.Shape)),
            TypeProto.ValueOneofCase.SequenceType => new SequenceType(Decode(proto.SequenceType.ElemType)),
            TypeProto.ValueOneofCase.OptionalType => new OptionalType(Decode(proto.OptionalType.ElemType)),
            TypeProto.ValueOneofCase.MapType => new MapType((ElementType)proto.MapType.KeyType, Decode(proto.MapType.ValueType)),
            _ => proto.CalculateSize() > 0 ? new OpaqueType { Encoded = proto.ToByteArray() } : null,
        };
        return type is null or OpaqueType || proto.Denotation.Length == 0 ? type : type with { Denotation = proto.Denotation };
    }

    /// <summary>The file's form of a type.</summary>
    public static TypeProto? Encode(OnnxType? type)
    {
        TypeProto? proto = type switch
        {
            TensorType t => new TypeProto { TensorType = new() { ElemType = (int)t.ElementType, Shape = EncodeShape(t.Shape) } },
            SparseTensorType t => new TypeProto { SparseTensorType = new() { ElemType = (int)t.ElementType, Shape = EncodeShape(t.Shape) } },
            SequenceType t => new TypeProto { SequenceType = new() { ElemType = Encode(t.Element) } },
            OptionalType t => new TypeProto { OptionalType = new() { ElemType = Encode(t.Element) } },
            MapType t => new TypeProto { MapType = new() { KeyType = (int)t.Key, ValueType = Encode(t.Value) } },
            OpaqueType t => TypeProto.Parser.ParseFrom(t.Encoded.Span),
            _ => null,
        };
        if (proto is not null && type!.Denotation.Length > 0) proto.Denotation = type.Denotation;
        return proto;
    }

    private static Shape? DecodeShape(TensorShapeProto? proto)
    {
        if (proto is null) return null;
        var dims = new Dim[proto.Dim.Count];
        for (int i = 0; i < dims.Length; i++)
        {
            TensorShapeProto.Types.Dimension dim = proto.Dim[i];
            // Exporters write -1 for a size that they do not know.
            dims[i] = dim.HasDimValue ? dim.DimValue < 0 ? Dim.Unknown : Dim.Of(dim.DimValue) : Dim.Named(dim.DimParam);
        }
        return new Shape(dims);
    }

    private static TensorShapeProto? EncodeShape(Shape? shape)
    {
        if (shape is null) return null;
        var proto = new TensorShapeProto();
        foreach (Dim dim in shape.Dims)
        {
            var encoded = new TensorShapeProto.Types.Dimension();
            if (dim.IsKnown) encoded.DimValue = dim.Value;
            else if (dim.Symbol is { } symbol) encoded.DimParam = symbol;
            proto.Dim.Add(encoded);
        }
        return proto;
    }
}
