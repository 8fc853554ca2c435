using Xunit;

namespace ModelCompiler.Runtime.Tests.Predictors.Images;

public class PixelCopierTests
{
    [Theory]
    [InlineData(PixelFormat.Rgb, PixelFormat.Rgb, new byte[] { 10, 20, 30 }, new byte[] { 10, 20, 30 })]
    [InlineData(PixelFormat.Rgb, PixelFormat.Bgr, new byte[] { 10, 20, 30 }, new byte[] { 30, 20, 10 })]
    [InlineData(PixelFormat.Bgr, PixelFormat.Rgb, new byte[] { 10, 20, 30 }, new byte[] { 30, 20, 10 })]
    [InlineData(PixelFormat.Rgba, PixelFormat.Rgb, new byte[] { 10, 20, 30, 99 }, new byte[] { 10, 20, 30 })]
    [InlineData(PixelFormat.Bgra, PixelFormat.Rgb, new byte[] { 10, 20, 30, 99 }, new byte[] { 30, 20, 10 })]
    [InlineData(PixelFormat.Bgra, PixelFormat.Bgr, new byte[] { 10, 20, 30, 99 }, new byte[] { 10, 20, 30 })]
    [InlineData(PixelFormat.Gray, PixelFormat.Bgr, new byte[] { 7 }, new byte[] { 7, 7, 7 })]
    [InlineData(PixelFormat.Gray, PixelFormat.Gray, new byte[] { 7 }, new byte[] { 7 })]
    [InlineData(PixelFormat.Rgb, PixelFormat.Gray, new byte[] { 255, 255, 255 }, new byte[] { 255 })]
    [InlineData(PixelFormat.Rgba, PixelFormat.Gray, new byte[] { 255, 0, 0, 1 }, new byte[] { 76 })]
    [InlineData(PixelFormat.Bgr, PixelFormat.Gray, new byte[] { 0, 255, 0 }, new byte[] { 150 })]
    public void Channels_come_into_the_order_of_the_model(PixelFormat format, PixelFormat order, byte[] pixel, byte[] expected)
    {
        byte[] picture = [.. Enumerable.Repeat(pixel, 6).SelectMany(p => p)];
        byte[] canvas = new byte[6 * expected.Length];

        PixelCopier.Copy(picture, 3, 2, format, 3 * pixel.Length, new ImageCanvas(3, 2, 0, 0), canvas, order);

        Assert.Equal(Enumerable.Repeat(expected, 6).SelectMany(p => p), canvas);
    }

    [Fact]
    public void Gaps_between_rows_are_skipped_and_the_last_needs_none()
    {
        byte[] picture = [1, 2, 99, 99, 3, 4];
        byte[] canvas = new byte[4];

        PixelCopier.Copy(picture, 2, 2, PixelFormat.Gray, 4, new ImageCanvas(2, 2, 0, 0), canvas, PixelFormat.Gray);

        Assert.Equal([1, 2, 3, 4], canvas);
    }

    [Theory]
    [InlineData(ImageFit.Stretch, 4, 2, "4x2: 1234 5678")]
    [InlineData(ImageFit.Crop, 2, 2, "2x2: 23 67")]
    [InlineData(ImageFit.Pad, 2, 2, "4x4: 0000 1234 5678 0000")]
    [InlineData(ImageFit.Crop, 30, 10, "4x1: 1234")]
    [InlineData(ImageFit.Pad, 30, 10, "6x2: 012340 056780")]
    [InlineData(ImageFit.Crop, 10, 30, "1x2: 2 6")]
    public void Other_shapes_are_fitted_from_the_middle(ImageFit fit, int width, int height, string expected)
    {
        byte[] picture = [1, 2, 3, 4, 5, 6, 7, 8];
        var canvas = ImageCanvas.Of(new ImageSpec(PixelFormat.Gray, fit, width, height), 4, 2);
        byte[] pixels = [.. Enumerable.Repeat((byte)255, canvas.Width * canvas.Height)];

        PixelCopier.Copy(picture, 4, 2, PixelFormat.Gray, 4, canvas, pixels, PixelFormat.Gray);

        Assert.Equal(expected, $"{canvas.Width}x{canvas.Height}: {string.Join(" ", pixels.Chunk(canvas.Width).Select(row => string.Concat(row)))}");
    }

    [Fact]
    public void A_model_that_keeps_a_side_open_gets_the_whole_picture() =>
        Assert.Equal(new ImageCanvas(40, 20, 0, 0), ImageCanvas.Of(new ImageSpec(PixelFormat.Rgb, ImageFit.Crop, null, 48), 40, 20));
}
