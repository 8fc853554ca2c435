using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Quantization;
using ModelCompiler.Optimizer.Tests.Support;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Quantization;

public class LogarithmicProductsTests
{
    [Theory]
    [InlineData("Log", null, true)]
    [InlineData("Pow", 0.33f, true)]
    [InlineData("Pow", 0.5f, false)]
    [InlineData("Pow", 2f, false)]
    [InlineData("Exp", null, false)]
    public void A_logarithm_or_a_root_like_one_reaches_back_over_powers_and_bands(string op, float? exponent, bool isFound)
    {
        var b = new GraphBuilder();
        Value spectrum = b.Op("Conv", b.Input("x", 1, 1, 64), b.Weights(1, 32, 1, 64)), power = b.Op("Pow", spectrum, b.Scalar(2f));
        Value bands = b.Op("MatMul", b.Op("Transpose", [power], new NodeAttribute("perm", new long[] { 0, 2, 1 })), b.Weights(2, 32, 12));
        Value floor = b.Op("Clip", bands, b.Scalar(1e-10f));
        b.Output("y", exponent is { } e ? b.Op(op, floor, b.Scalar(e)) : b.Op(op, floor));

        Assert.Equal(isFound ? [spectrum.Name, bands.Name] : [], Found(b, spectrum, bands));
    }

    [Theory]
    [InlineData("Relu")]
    [InlineData("Sigmoid")]
    [InlineData("Exp")]
    public void What_bounds_or_bends_ends_the_way_back(string op)
    {
        var b = new GraphBuilder();
        Value product = b.Op("MatMul", b.Input("x", 1, 16), b.Weights(1, 16, 8));
        b.Output("y", b.Op("Log", b.Op("Add", b.Op(op, product), b.Scalar(1f))));

        Assert.Empty(Found(b, product));
    }

    [Fact]
    public void A_clip_with_an_upper_limit_ends_it_too()
    {
        var b = new GraphBuilder();
        Value product = b.Op("MatMul", b.Input("x", 1, 16), b.Weights(1, 16, 8));
        b.Output("y", b.Op("Log", b.Op("Clip", product, b.Scalar(1e-3f), b.Scalar(1f))));

        Assert.Empty(Found(b, product));
    }

    private static IEnumerable<string> Found(GraphBuilder b, params Value[] products)
    {
        string[] names = [.. products.Select(product => product.Name)];
        IReadOnlySet<string> found = LogarithmicProducts.Of(b.Model.Graph, names);
        return names.Where(found.Contains);
    }
}
