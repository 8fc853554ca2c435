namespace ModelCompiler.Manifests;

/// <summary>How the bytes of a pixel follow each other in the memory that the compiled model reads.</summary>
internal enum ManifestPixelOrder
{
    Rgb,
    Bgr,
    Gray,
}

/// <summary>What becomes of a picture that has another shape than the model's input.</summary>
internal enum ManifestImageFit
{
    Stretch,
    Crop,
    Pad,
}

/// <summary>An input that takes pictures: uint8, [batch, height, width, channels], of any height and width.</summary>
/// <param name="Order">The order of the channels.</param>
/// <param name="Fit">How other shapes are fitted.</param>
/// <param name="Width">The width that the model resizes to; null where it keeps the shape of the picture.</param>
/// <param name="Height">The height that the model resizes to; null where it keeps the shape of the picture.</param>
internal sealed record ManifestImage(ManifestPixelOrder Order, ManifestImageFit Fit, int? Width, int? Height);
