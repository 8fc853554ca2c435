using ModelCompiler.Onnx;

namespace ModelCompiler.Tool.Inspection;

/// <summary>Names of types for people: <c>float32</c>, <c>sequence(float32)</c>.</summary>
internal static class TypeText
{
    public static string Of(OnnxType? type) => type switch
    {
        TensorType tensor => Of(tensor.ElementType),
        SparseTensorType sparse => $"sparse({Of(sparse.ElementType)})",
        SequenceType sequence => $"sequence({Of(sequence.Element)})",
        OptionalType optional => $"optional({Of(optional.Element)})",
        MapType map => $"map({Of(map.Key)}, {Of(map.Value)})",
        _ => "unknown",
    };

    private static string Of(ElementType type) => type switch
    {
        ElementType.Float => "float32",
        ElementType.Double => "float64",
        ElementType.Undefined => "unknown",
        _ => type.ToString().ToLowerInvariant(),
    };
}
