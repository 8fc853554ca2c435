namespace ModelCompiler.Runtime;

/// <summary>An input that takes pictures: uint8 [batch, height, width, channels], of any height and width. The model itself resizes and scales.</summary>
/// <param name="Order">The order in which the model reads the channels: <see cref="PixelFormat.Rgb"/>, <see cref="PixelFormat.Bgr"/> or <see cref="PixelFormat.Gray"/>.</param>
/// <param name="Fit">How pictures of other shapes are fitted; only where width and height are both known.</param>
/// <param name="Width">The width that the model resizes to; null where it keeps the shape of the picture.</param>
/// <param name="Height">The height that the model resizes to; null where it keeps the shape of the picture.</param>
public sealed record ImageSpec(PixelFormat Order, ImageFit Fit, int? Width, int? Height);
