namespace ModelCompiler.Runtime;

/// <summary>Checks a picture and puts it into an input.</summary>
internal static class ImageInput
{
    /// <summary>Checks that the picture is one: its sizes, and that it has the bytes for them.</summary>
    /// <returns>The canvas, and the bytes from one row to the next.</returns>
    /// <exception cref="TensorMismatchException">It is not.</exception>
    public static (ImageCanvas Canvas, int Stride) Check(TensorSpec spec, int bytes, int width, int height, PixelFormat format, int stride)
    {
        if (width <= 0 || height <= 0 || !Enum.IsDefined(format))
        {
            throw Mismatch(spec, $"one of {width} x {height} pixels, {format}");
        }

        long row = (long)width * PixelCopier.BytesOf(format);
        long step = stride == 0 ? row : stride;
        var needed = ((Int128)step * (height - 1)) + row;
        return step >= row && needed <= bytes
            ? (ImageCanvas.Of(spec.Image!, width, height), (int)step)
            : throw Mismatch(spec, $"{bytes} bytes for {width} x {height} pixels of {format} with rows {step} bytes apart, which take {needed}");
    }

    private static TensorMismatchException Mismatch(TensorSpec spec, string actual) => new(TensorCheck.Input, spec.Name, "a picture", actual);
}
