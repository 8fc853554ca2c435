namespace ModelCompiler.Runtime;

/// <summary>How the bytes of a pixel follow each other.</summary>
public enum PixelFormat
{
    /// <summary>Red, green, blue.</summary>
    Rgb,

    /// <summary>Blue, green, red.</summary>
    Bgr,

    /// <summary>Luminance.</summary>
    Gray,

    /// <summary>Red, green, blue, alpha, which is dropped.</summary>
    Rgba,

    /// <summary>Blue, green, red, alpha, which is dropped.</summary>
    Bgra,
}
