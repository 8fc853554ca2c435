using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Compilation;
using ModelCompiler.Optimizer.Signature;
using ModelCompiler.Optimizer.Tests.Support;
using ModelCompiler.Runtime;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Signature;

/// <summary>What the model gets of pixels, against arithmetic written down here on its own.</summary>
public sealed class ImagePreprocessingTests
{
    private const int Height = 7;
    private const int Width = 11;

    [Theory]
    [InlineData("RGB", true, 3, 5, 8)]
    [InlineData("BGR; scale=1/255; mean=0.485,0.456,0.406; std=0.229,0.224,0.225", true, 3, 5, 8)]
    [InlineData("RGB; scale=0.5; mean=-1; std=2", false, 3, 20, 30)]
    [InlineData("Gray; scale=1/255", true, 1, 9, 9)]
    [InlineData("Gray; mean=127.5; std=127.5; layout=NHWC", false, 1, 7, 11)]
    public void Resizes_and_normalizes(string text, bool channelsFirst, int channels, int height, int width)
    {
        ImageOptions options = ImageOptions.Parse(text);
        byte[] pixels = Pixels(2 * Height * Width * channels);

        float[] actual = Run(Echo(channelsFirst, 2, channels, height, width), options, pixels, [2, Height, Width, channels], out long[] shape);

        Assert.Equal(channelsFirst ? [2, channels, height, width] : [2, height, width, channels], shape);
        for (int i = 0; i < actual.Length; i++)
        {
            var (n, c, y, x) = Position(i, channelsFirst, channels, height, width);
            double expected = Bilinear(pixels.AsSpan(n * Height * Width * channels), channels, c, (y + 0.5) * Height / height - 0.5, (x + 0.5) * Width / width - 0.5);
            expected = ((expected * options.Scale) - At(options.Mean, c)) / At(options.Std, c);
            Assert.Equal(expected, actual[i], 2e-4);
        }
    }

    [Theory]
    [InlineData(9)]
    [InlineData(11)]
    [InlineData(13)]
    [InlineData(21)]
    public void Serves_models_of_any_operator_set(int opset)
    {
        var b = new GraphBuilder(opset, opset > 20 ? 10 : 8);
        b.Output("y", b.Op("Relu", b.Input("x", 1, 3, 5, 8)));
        ImagePreprocessing.Apply(b.Model, ImageOptions.Parse("RGB"));

        Assert.Equal([1, 3, 5, 8], Run(b.Model, Pixels(Height * Width * 3), [1, Height, Width, 3]).Shape);
    }

    [Theory]
    [InlineData("RGB; height=14", 14, 22)]
    [InlineData("RGB; width=5", 3, 5)]
    [InlineData("RGB; width=4; height=9", 9, 4)]
    [InlineData("RGB", 7, 11)]
    public void An_open_side_keeps_the_shape_of_the_picture(string text, int height, int width)
    {
        Run(Echo(true, Dim.Named("N"), 3, Dim.Named("H"), Dim.Named("W")), ImageOptions.Parse(text), Pixels(Height * Width * 3), [1, Height, Width, 3], out long[] shape);

        Assert.Equal([1, 3, height, width], shape);
    }

    [Fact]
    public void Inputs_of_bytes_and_without_a_batch_are_served_too()
    {
        var b = new GraphBuilder();
        b.Output("y", b.Op("Identity", b.Input("x", ElementType.UInt8, 4, 4, 3)));
        ImagePreprocessing.Apply(b.Model, ImageOptions.Parse("RGB; scale=2; mean=-0.4"));

        TensorBuffer y = Run(b.Model, Pixels(48), [1, 4, 4, 3]);

        Assert.Equal([4, 4, 3], y.Shape);
        Assert.Equal(Pixels(48).Select(p => (byte)Math.Min(255, 2 * p)), y.AsSpan<byte>().ToArray());
    }

    [Fact]
    public void Compiled_it_answers_the_same_and_the_arithmetic_is_in_the_convolution()
    {
        Model Build()
        {
            var b = new GraphBuilder();
            Value convolved = b.Op("Conv", [b.Input("x", 1, 3, 8, 8), b.Weights(1, 4, 3, 3, 3), b.Weights(2, 4)]);
            b.Output("y", convolved);
            ImagePreprocessing.Apply(b.Model, ImageOptions.Parse("x: RGB; scale=1/255; mean=0.5,0.4,0.3; std=0.2,0.3,0.4"));
            return b.Model;
        }
        byte[] pixels = Pixels(Height * Width * 3);

        CompileResult result = Compiler.Compile(Build(), new CompileOptions { MeasureLatency = false }, cancellationToken: TestContext.Current.CancellationToken);

        Assert.DoesNotContain(result.Model.Graph.Nodes, node => node.OpType is "Mul" or "Add");
        float[] expected = Run(Build(), pixels, [1, Height, Width, 3]).AsSpan<float>().ToArray();
        float[] actual = Run(result.Model, pixels, [1, Height, Width, 3]).AsSpan<float>().ToArray();
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, 1e-3f));
    }

    [Theory]
    [InlineData("RGB", "OM2318", 1, 1, 6, 6)]
    [InlineData("RGB", "OM2318", 1, 3, 6, 3)]
    [InlineData("RGB; layout=NHWC", "OM2318", 1, 3, 6, 6)]
    [InlineData("RGB", "OM2318", 1, 3)]
    public void Refuses_inputs_that_are_no_pictures(string text, string code, params int[] dims)
    {
        var b = new GraphBuilder();
        b.Output("y", b.Op("Identity", b.Input("x", [.. dims.Select(dim => (Dim)dim)])));

        Assert.Equal(code, Assert.Throws<CompilerException>(() => ImagePreprocessing.Apply(b.Model, ImageOptions.Parse(text))).Code);
    }

    private static Model Echo(bool channelsFirst, Dim batch, Dim channels, Dim height, Dim width)
    {
        var b = new GraphBuilder();
        Dim[] dims = channelsFirst ? [batch, channels, height, width] : [batch, height, width, channels];
        b.Output("y", b.Op("Identity", b.Input("x", dims)));
        return b.Model;
    }

    private static float[] Run(Model model, ImageOptions options, byte[] pixels, long[] shape, out long[] outputShape)
    {
        ImagePreprocessing.Apply(model, options);
        TensorBuffer y = Run(model, pixels, shape);
        outputShape = y.Shape.ToArray();
        return y.AsSpan<float>().ToArray();
    }

    private static TensorBuffer Run(Model model, byte[] pixels, long[] shape)
    {
        using var session = InferenceSession.Open(OnnxWriter.ToBytes(model));
        return Assert.Single(session.Run([("x", TensorBuffer.Create<byte>(shape, pixels))]));
    }

    /// <summary>The four neighbours of a point, weighted by their nearness; beyond the edge lies the edge.</summary>
    private static double Bilinear(ReadOnlySpan<byte> pixels, int channels, int channel, double y, double x)
    {
        y = Math.Clamp(y, 0, Height - 1);
        x = Math.Clamp(x, 0, Width - 1);
        int top = (int)y, left = (int)x, bottom = Math.Min(top + 1, Height - 1), right = Math.Min(left + 1, Width - 1);
        double down = y - top, over = x - left;
        double upper = (pixels[((top * Width + left) * channels) + channel] * (1 - over)) + (pixels[((top * Width + right) * channels) + channel] * over);
        double lower = (pixels[((bottom * Width + left) * channels) + channel] * (1 - over)) + (pixels[((bottom * Width + right) * channels) + channel] * over);
        return (upper * (1 - down)) + (lower * down);
    }

    private static (int N, int C, int Y, int X) Position(int index, bool channelsFirst, int channels, int height, int width) => channelsFirst
        ? (index / (channels * height * width), index / (height * width) % channels, index / width % height, index % width)
        : (index / (channels * height * width), index % channels, index / (width * channels) % height, index / channels % width);

    private static double At(IReadOnlyList<double> numbers, int channel) => numbers[numbers.Count == 1 ? 0 : channel];

    private static byte[] Pixels(int count)
    {
        byte[] pixels = new byte[count];
        new Random(5).NextBytes(pixels);
        return pixels;
    }
}
