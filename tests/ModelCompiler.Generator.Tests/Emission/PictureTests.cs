using System.Reflection;
using ModelCompiler.Manifests;
using ModelCompiler.Runtime;
using ModelCompiler.Tests;
using Xunit;
using static ModelCompiler.Generator.Tests.TestManifests;

namespace ModelCompiler.Generator.Tests.Emission;

/// <summary>Predictors that take pictures: the model here hands the pixels back that it got.</summary>
public sealed class PictureTests : IDisposable
{
    private readonly Workspace _workspace = new();

    public void Dispose() => _workspace.Dispose();

    [Fact]
    public void A_picture_goes_in_by_every_way() => Assert.Equal("3,2,1,6,5,4 [1,1,2,3]|3,2,1,6,5,4 [1,1,2,3]|3,2,1,6,5,4 [1,1,2,3]", Echo("""
        {
            byte[] rgba = { 1, 2, 3, 99, 4, 5, 6, 99 };
            var image = new ImagePixels(rgba, 2, 1, PixelFormat.Rgba);
            using var request = p.CreateRequest();
            request.SetX(rgba, 2, 1, PixelFormat.Rgba);
            request.SetX(rgba, 2, 1, PixelFormat.Rgba);
            request.Run();
            return Show(p.Predict(image).XOut) + "|" + Show(p.Predict(new EchoInput { X = image }).XOut) + "|"
                + string.Join(",", request.XOut.ToArray()) + " [" + string.Join(",", request.XOutShape.ToArray()) + "]";
        }
        """));

    [Fact]
    public void Pictures_of_one_size_share_a_run() => Assert.Equal("3,2,1 [1,1,1,3] 6,5,4 [1,1,1,3] 3,2,1,6,5,4 [1,1,2,3]", Echo("""
        {
            var images = new[] { new ImagePixels(new byte[] { 1, 2, 3 }, 1, 1), new ImagePixels(new byte[] { 4, 5, 6 }, 1, 1), new ImagePixels(new byte[] { 1, 2, 3, 4, 5, 6 }, 2, 1) };
            return string.Join(" ", p.PredictBatch(images.Select(image => new EchoInput { X = image }).ToList()).Select(r => Show(r.XOut)));
        }
        """));

    [Theory]
    [InlineData("new byte[11], 2, 2", "11 bytes for 2 x 2 pixels of Rgb with rows 6 bytes apart, which take 12")]
    [InlineData("new byte[12], 2, 2, PixelFormat.Rgb, 5", "12 bytes for 2 x 2 pixels of Rgb with rows 5 bytes apart")]
    [InlineData("new byte[12], 0, 2", "one of 0 x 2 pixels, Rgb")]
    [InlineData("new byte[12], 2, 2, (PixelFormat)77", "one of 2 x 2 pixels, 77")]
    [InlineData("default, int.MaxValue, int.MaxValue", "0 bytes for 2147483647 x 2147483647 pixels")]
    public void A_picture_that_is_none_is_refused(string image, string actual)
    {
        var e = Assert.Throws<TargetInvocationException>(() => Echo($"Show(p.Predict(new ImagePixels({image})).XOut)")).InnerException;

        var mismatch = Assert.IsType<TensorMismatchException>(e);
        Assert.Equal("x", mismatch.Tensor);
        Assert.Contains(actual, mismatch.Actual, StringComparison.Ordinal);
    }

    private string Echo(string body)
    {
        var input = Tensor("x", ManifestElementType.UInt8, "N", null, null, 3);
        return GeneratedProgram.Run(
            _workspace,
            Of("echo", [input with { Image = new ManifestImage(ManifestPixelOrder.Bgr, ManifestImageFit.Stretch, null, null) }], [input with { Name = "x_out" }]),
            GeneratedProgram.Identities(input),
            body);
    }
}
