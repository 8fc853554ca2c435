namespace ModelCompiler.Runtime;

/// <summary>A picture as an input: its bytes, row by row from the top, which are not copied before the model reads them.</summary>
/// <param name="Pixels">The bytes.</param>
/// <param name="Width">Pixels in a row.</param>
/// <param name="Height">Rows.</param>
/// <param name="Format">How the bytes of a pixel follow each other.</param>
/// <param name="Stride">Bytes from one row to the next; 0 where rows follow each other.</param>
public readonly record struct ImagePixels(ReadOnlyMemory<byte> Pixels, int Width, int Height, PixelFormat Format = PixelFormat.Rgb, int Stride = 0)
{
    /// <summary>Whether both can be in one batch.</summary>
    public bool HasSizeOf(in ImagePixels other) => Width == other.Width && Height == other.Height;
}
