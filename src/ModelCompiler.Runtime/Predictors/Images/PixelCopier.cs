namespace ModelCompiler.Runtime;

/// <summary>Copies a picture into the memory of an input, and brings its channels into the order of the model on the way.</summary>
internal static class PixelCopier
{
    /// <summary>Bytes of a pixel.</summary>
    public static int BytesOf(PixelFormat format) => format switch
    {
        PixelFormat.Gray => 1,
        PixelFormat.Rgba or PixelFormat.Bgra => 4,
        _ => 3,
    };

    /// <summary>Fills the canvas: with the pixels that lie on it, and black elsewhere.</summary>
    /// <param name="pixels">Rows of the picture.</param>
    /// <param name="width">Pixels in a row of the picture.</param>
    /// <param name="height">Rows of the picture.</param>
    /// <param name="format">The channels of the picture.</param>
    /// <param name="stride">Bytes from one row of the picture to the next.</param>
    /// <param name="canvas">Where the picture lies on the canvas.</param>
    /// <param name="target">The canvas, rows without gaps.</param>
    /// <param name="order">The channels of the canvas.</param>
    public static void Copy(
        ReadOnlySpan<byte> pixels, int width, int height, PixelFormat format, int stride, ImageCanvas canvas, Span<byte> target, PixelFormat order)
    {
        int from = BytesOf(format), to = BytesOf(order);
        if (canvas.Width > width || canvas.Height > height)
        {
            target.Clear();
        }

        int firstColumn = Math.Max(0, -canvas.Left), columns = Math.Min(width, canvas.Width);
        int firstRow = Math.Max(0, -canvas.Top), rows = Math.Min(height, canvas.Height);
        for (int row = firstRow; row < firstRow + rows; row++)
        {
            var source = pixels.Slice((row * stride) + (firstColumn * from), columns * from);
            int start = ((row + canvas.Top) * canvas.Width) + firstColumn + canvas.Left;
            CopyRow(source, format, target.Slice(start * to, columns * to), order);
        }
    }

    private static void CopyRow(ReadOnlySpan<byte> source, PixelFormat format, Span<byte> target, PixelFormat order)
    {
        if (format == order)
        {
            source.CopyTo(target);
        }
        else if (order == PixelFormat.Gray)
        {
            ToGray(source, format, target);
        }
        else
        {
            Reorder(source, format, target, order);
        }
    }

    private static void Reorder(ReadOnlySpan<byte> source, PixelFormat format, Span<byte> target, PixelFormat order)
    {
        var (red, green, blue) = Offsets(format);
        var (toRed, toGreen, toBlue) = Offsets(order);
        int step = BytesOf(format);
        for (int from = 0, to = 0; from < source.Length; from += step, to += 3)
        {
            target[to + toRed] = source[from + red];
            target[to + toGreen] = source[from + green];
            target[to + toBlue] = source[from + blue];
        }
    }

    /// <summary>Luma of ITU-R BT.601, rounded: 0.299 R + 0.587 G + 0.114 B in 16-bit fixed point.</summary>
    private static void ToGray(ReadOnlySpan<byte> source, PixelFormat format, Span<byte> target)
    {
        var (red, green, blue) = Offsets(format);
        int step = BytesOf(format);
        for (int from = 0, to = 0; from < source.Length; from += step, to++)
        {
            target[to] = (byte)(((19595 * source[from + red]) + (38470 * source[from + green]) + (7471 * source[from + blue]) + 32768) >> 16);
        }
    }

    private static (int Red, int Green, int Blue) Offsets(PixelFormat format) => format switch
    {
        PixelFormat.Gray => (0, 0, 0),
        PixelFormat.Bgr or PixelFormat.Bgra => (2, 1, 0),
        _ => (0, 1, 2),
    };
}
