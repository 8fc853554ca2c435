namespace ModelCompiler.Runtime;

/// <summary>
/// The picture that the model gets of one that is given: the whole of it, a part, or more than it. Only coordinates; the model resizes.
/// </summary>
/// <param name="Width">Pixels in a row of the canvas.</param>
/// <param name="Height">Rows of the canvas.</param>
/// <param name="Left">Where the picture begins on the canvas; negative where it is cut.</param>
/// <param name="Top">Where the picture begins on the canvas; negative where it is cut.</param>
internal readonly record struct ImageCanvas(int Width, int Height, int Left, int Top)
{
    public static ImageCanvas Of(ImageSpec spec, int width, int height)
    {
        if (spec is not { Fit: not ImageFit.Stretch, Width: { } targetWidth, Height: { } targetHeight })
        {
            return new ImageCanvas(width, height, 0, 0);
        }

        // The side that keeps its length: the shorter one when the rest is cut, the longer one when it is filled up.
        bool isWider = (long)width * targetHeight > (long)height * targetWidth;
        bool keepsHeight = isWider == (spec.Fit == ImageFit.Crop);
        int newWidth = keepsHeight ? Scale(height, targetWidth, targetHeight) : width;
        int newHeight = keepsHeight ? height : Scale(width, targetHeight, targetWidth);
        return new ImageCanvas(newWidth, newHeight, (newWidth - width) / 2, (newHeight - height) / 2);
    }

    private static int Scale(int side, int numerator, int denominator) =>
        (int)Math.Max(1, Math.Round((double)side * numerator / denominator, MidpointRounding.AwayFromZero));
}
