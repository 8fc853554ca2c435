using ModelCompiler.Diagnostics;
using ModelCompiler.Onnx.Protos;

namespace ModelCompiler.Onnx;

/// <summary>Reads attributes.</summary>
internal static class AttributeReader
{
    public static NodeAttribute Read(AttributeProto proto, TensorReader tensors, Func<GraphProto, Graph> readSubgraph)
    {
        if (proto.Name.Length == 0) throw new CompilerException(DiagnosticTable.ModelInvalid, "an attribute has no name");
        AttributeKind kind = proto.Type != 0 ? (AttributeKind)proto.Type : GuessKind(proto);
        // A kind of a later format: the whole message passes through.
        if (!Enum.IsDefined(kind)) return new NodeAttribute(proto.Name, kind, null, EmptyToNull(proto.RefAttrName)) { Extras = proto };
        object? value = proto.RefAttrName.Length > 0 ? null : ReadValue(proto, kind, tensors, readSubgraph);
        return new NodeAttribute(proto.Name, kind, value, EmptyToNull(proto.RefAttrName)) { Extras = proto.Remainder() };
    }

    private static object? ReadValue(AttributeProto proto, AttributeKind kind, TensorReader tensors, Func<GraphProto, Graph> readSubgraph) => kind switch
    {
        AttributeKind.Float => proto.F,
        AttributeKind.Int => proto.I,
        AttributeKind.String => proto.S.ToByteArray(),
        AttributeKind.Tensor => tensors.Read(proto.T ?? throw Missing(proto)),
        AttributeKind.Graph => readSubgraph(proto.G ?? throw Missing(proto)),
        AttributeKind.SparseTensor => tensors.Read(proto.SparseTensor ?? throw Missing(proto)),
        AttributeKind.Type => TypeCodec.Decode(proto.Tp) ?? throw Missing(proto),
        AttributeKind.Floats => proto.Floats.ToArray(),
        AttributeKind.Ints => proto.Ints.ToArray(),
        AttributeKind.Strings => proto.Strings.Select(s => s.ToByteArray()).ToArray(),
        AttributeKind.Tensors => proto.Tensors.Select(t => tensors.Read(t)).ToArray(),
        AttributeKind.Graphs => proto.Graphs.Select(readSubgraph).ToArray(),
        AttributeKind.SparseTensors => proto.SparseTensors.Select(tensors.Read).ToArray(),
        AttributeKind.Types => proto.TypeProtos.Select(t => TypeCodec.Decode(t) ?? throw Missing(proto)).ToArray(),
        _ => null,
    };

    /// <summary>The first version of the format left the kind to be told by the field that is set.</summary>
    private static AttributeKind GuessKind(AttributeProto proto)
    {
        if (proto.HasF) return AttributeKind.Float;
        if (proto.HasI) return AttributeKind.Int;
        if (proto.HasS) return AttributeKind.String;
        if (proto.T is not null) return AttributeKind.Tensor;
        if (proto.G is not null) return AttributeKind.Graph;
        if (proto.Floats.Count > 0) return AttributeKind.Floats;
        if (proto.Ints.Count > 0) return AttributeKind.Ints;
        if (proto.Strings.Count > 0) return AttributeKind.Strings;
        if (proto.Tensors.Count > 0) return AttributeKind.Tensors;
        return proto.Graphs.Count > 0 ? AttributeKind.Graphs : AttributeKind.Undefined;
    }

    private static string? EmptyToNull(string text) => text.Length == 0 ? null : text;

    private static CompilerException Missing(AttributeProto proto) =>
        new(DiagnosticTable.ModelInvalid, $"attribute '{proto.Name}' is said to be a {(AttributeKind)proto.Type} and has none");
}
