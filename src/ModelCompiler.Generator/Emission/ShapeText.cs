using System.Globalization;
using ModelCompiler.Generator.Signatures;
using ModelCompiler.Manifests;

namespace ModelCompiler.Generator.Emission;

/// <summary>Types and shapes for people, as in <c>float32 [batch, 3, 224, 224]</c>; numbers and C# names only.</summary>
internal static class ShapeText
{
    public static string Of(TensorMember member)
    {
        string type = ManifestNames.Of(member.ElementType);
        return member.Dimensions is { } dimensions
            ? dimensions.Count == 0 ? type + " scalar" : type + " [" + string.Join(", ", dimensions.Select(Dimension)) + "]"
            : type + " of any shape";
    }

    public static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Dimension(TensorDimension dimension) =>
        dimension.Value is { } value ? Number(value) : dimension.Size ?? "?";
}
