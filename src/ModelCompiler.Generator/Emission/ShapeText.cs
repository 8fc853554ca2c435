using System.Globalization;
using ModelCompiler.Generator.Signatures;
using ModelCompiler.Manifests;

namespace ModelCompiler.Generator.Emission;

/// <summary>Types and shapes for people, as in <c>float32 [batch, 3, 224, 224]</c>; numbers and C# names only.</summary>
internal static class ShapeText
{
    public static string Of(TensorMember member)
    {
        string type = ManifestNames.Of(member.Value.ElementType);
        string key = member.Value.KeyType is { } keyType ? ManifestNames.Of(keyType) : "";
        return member.Value switch
        {
            { Image: { } image } => ImageText(image),
            { Kind: ManifestValueKind.Tensor } => Tensor(member, type),
            { Kind: ManifestValueKind.Optional } => Tensor(member, type) + ", or nothing",
            { Kind: ManifestValueKind.OptionalSequence } => "sequence of tensors, each " + Tensor(member, type) + ", or nothing",
            { Kind: ManifestValueKind.Map } => "map from " + key + " to " + type,
            { KeyType: not null } => "sequence of maps from " + key + " to " + type,
            _ => "sequence of tensors, each " + Tensor(member, type),
        };
    }

    public static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);

    /// <summary>Dimensions in C#: numbers, and the parameters of sizes.</summary>
    public static string Dimensions(TensorMember member) =>
        "[" + string.Join(", ", member.Dimensions!.Value.Select(d => d.Value is { } value ? Number(value) : d.Size ?? "0")) + "]";

    private static string Tensor(TensorMember member, string type) => member.Dimensions is { } dimensions
        ? dimensions.Count == 0 ? type + " scalar" : type + " [" + string.Join(", ", dimensions.Select(Dimension)) + "]"
        : type + " of any shape";

    private static string ImageText(ManifestImage image)
    {
        string size = image switch
        {
            { Width: { } width, Height: { } height } => ", resized to " + Number(width) + " x " + Number(height),
            { Height: { } height } => ", resized to a height of " + Number(height),
            { Width: { } width } => ", resized to a width of " + Number(width),
            _ => "",
        };
        return "picture of any size" + size + image.Fit switch
        {
            ManifestImageFit.Crop => ", of which the middle is taken",
            ManifestImageFit.Pad => ", with black borders where its shape is another",
            _ => "",
        };
    }

    private static string Dimension(TensorDimension dimension) =>
        dimension.Value is { } value ? Number(value) : dimension.Size ?? "?";
}
