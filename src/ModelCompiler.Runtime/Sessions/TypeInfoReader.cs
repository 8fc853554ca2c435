using ModelCompiler.Runtime.Native;

namespace ModelCompiler.Runtime;

/// <summary>Reads the library's description of a type.</summary>
internal static class TypeInfoReader
{
    /// <summary>All inputs, or all outputs, of a session.</summary>
    public static TensorInfo[] ReadAll(OrtApi api, nint session, int count, Func<nint, int, string> nameOf, Func<nint, int, nint> typeOf) =>
        [.. Enumerable.Range(0, count).Select(i => Read(api, nameOf(session, i), typeOf(session, i)))];

    /// <param name="api">The library.</param>
    /// <param name="name">Name of the input or output.</param>
    /// <param name="type">An <c>OrtTypeInfo</c> of the caller's, which is released here.</param>
    public static TensorInfo Read(OrtApi api, string name, nint type)
    {
        using var owner = new OrtHandle(api, type, OrtFunction.ReleaseTypeInfo);
        var kind = api.GetKind(type);
        switch (kind)
        {
            case ValueKind.Tensor or ValueKind.SparseTensor:
                return ReadTensor(api, name, api.CastToTensor(type)) with { Kind = kind };
            case ValueKind.Sequence:
                return Read(api, name, api.GetSequenceElementType(api.CastToSequence(type))) with { Kind = kind };
            case ValueKind.Optional:
                return Read(api, name, api.GetOptionalElementType(api.CastToOptional(type))) with { Kind = kind };
            case ValueKind.Map:
                nint map = api.CastToMap(type);
                return Read(api, name, api.GetMapValueType(map)) with { Kind = kind, KeyType = api.GetMapKeyType(map) };
            default:
                return new TensorInfo { Name = name, Kind = kind, ElementType = TensorElementType.Undefined, Shape = null };
        }
    }

    private static TensorInfo ReadTensor(OrtApi api, string name, nint tensor)
    {
        var elementType = api.GetElementType(tensor);
        if (!api.HasShape(tensor))
        {
            return new TensorInfo { Name = name, ElementType = elementType, Shape = null };
        }

        var shape = new long[api.GetRank(tensor)];
        api.GetDimensions(tensor, shape);
        return new TensorInfo { Name = name, ElementType = elementType, Shape = shape, Symbols = api.GetSymbols(tensor, shape.Length) };
    }
}
