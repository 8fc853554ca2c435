using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Quantization;
using ModelCompiler.Optimizer.Quantization.Rounding;
using ModelCompiler.Optimizer.Tests.Support;
using ModelCompiler.Runtime;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Quantization.Rounding;

/// <summary>What is gathered is tied to what ONNX Runtime computes: Σ y² = wᵀ (Σ x·xᵀ) w for the outputs y of each channel.</summary>
public sealed class GramCalibrationTests
{
    private const int Most = 2048 / 32;

    private readonly GraphBuilder _g = new();

    [Theory]
    [InlineData(1, 1, 1, "NOTSET")]
    [InlineData(2, 1, 1, "NOTSET")]
    [InlineData(1, 2, 1, "NOTSET")]
    [InlineData(2, 1, 4, "NOTSET")]
    [InlineData(2, 1, 2, "SAME_UPPER")]
    [InlineData(2, 1, 1, "SAME_LOWER")]
    [InlineData(1, 1, 1, "VALID")]
    public void Windows_of_a_convolution(int stride, int dilation, int group, string autoPad)
    {
        Value x = _g.Op("Relu", _g.Input("x", 1, 4, 7, 6));
        Node conv = _g.Op("Conv", x, _g.Weights(1, 8, 4 / group, 3, 2)).Producer!;
        conv.Attributes.Set("strides", [stride, stride]);
        conv.Attributes.Set("dilations", [dilation, dilation]);
        conv.Attributes.Set("group", group);
        conv.Attributes.Set("auto_pad", autoPad);
        if (autoPad == "NOTSET") conv.Attributes.Set("pads", [1L, 0, 2, 1]);
        AssertSquares(conv, [1, 4, 7, 6]);
    }

    [Fact]
    public void Windows_along_a_line()
    {
        Value x = _g.Op("Relu", _g.Input("x", 2, 3, 20));
        Node conv = _g.Op("Conv", [x, _g.Weights(1, 5, 3, 4)], new("pads", [2L, 1]), new NodeAttribute("strides", [2L])).Producer!;
        AssertSquares(conv, [2, 3, 20]);
    }

    [Fact]
    public void Rows_of_a_product()
    {
        Value x = _g.Op("Relu", _g.Input("x", 2, 5, 6));
        AssertSquares(_g.Op("MatMul", x, _g.Weights(1, 6, 7)).Producer!, [2, 5, 6]);
    }

    [Fact]
    public void Rows_of_a_product_by_transposed_weights()
    {
        Value x = _g.Op("Relu", _g.Input("x", 5, 6));
        AssertSquares(_g.Op("Gemm", [x, _g.Weights(1, 7, 6)], new NodeAttribute("transB", 1L)).Producer!, [5, 6]);
    }

    [Fact]
    public void A_corrected_bias_takes_the_mean_error_away()
    {
        Value x = _g.Op("Relu", _g.Input("x", 1, 4, 6, 6));
        Node conv = _g.Op("Conv", x, _g.Weights(1, 8, 4, 3, 3), _g.Weights(2, 8)).Producer!;
        InputGram gram = Gram(conv, Sample([1, 4, 6, 6]));
        ProductParameters parameters = ProductParameters.Of(conv);
        // Coarse, so that there is an error to see.
        float[] coarse = [.. Enumerable.Repeat(0.2f, 8)];
        QuantizedWeights nearest = WeightQuantizer.Quantize(parameters.Weights, 0, coarse), rounded = ChannelRounding.Improve(parameters, nearest, gram, isCentered: true, noise: 0);
        float[] bias = [.. parameters.Bias!];
        ChannelRounding.CorrectBias(bias, parameters, rounded, gram);

        float[] exact = Run(conv, Sample([1, 4, 6, 6]));
        float[] weights = [.. rounded.Integers.AsSpan<sbyte>().ToArray().Select((q, i) => q * rounded.Scales[i / 36])];
        conv.SetInput(1, _g.Constant(weights, 8, 4, 3, 3));
        double[] uncorrected = MeanErrors(Run(conv, Sample([1, 4, 6, 6])), exact);
        conv.SetInput(2, _g.Constant(bias, 8));
        double[] corrected = MeanErrors(Run(conv, Sample([1, 4, 6, 6])), exact);

        Assert.Contains(uncorrected, error => Math.Abs(error) > 1e-3);
        Assert.All(corrected, error => Assert.InRange(error, -1e-5, 1e-5));
    }

    [Fact]
    public void Towers_that_share_weights_share_the_sum()
    {
        Value weights = _g.Weights(1, 4, 8);
        Value near = _g.Op("MatMul", _g.Input("x", 5, 4), weights), far = _g.Op("MatMul", _g.Op("Mul", _g.Input("z", 5, 4), _g.Scalar(3f)), weights);
        _g.Output("near", near).Output("far", far);
        (string, TensorBuffer)[] sample = [.. Sample([5, 4]), ("z", Sample([5, 4])[0].Item2)];
        Dictionary<string, InputGram> grams = GramCalibration.Measure(_g.Model, [near.Producer!, far.Producer!], [sample], TestContext.Current.CancellationToken);
        Assert.Same(grams[near.Name], grams[far.Name]);
        InputGram alone = Gram(near.Producer!, sample);
        // Half of the vectors are three times as large.
        Assert.Equal(5 * alone.Form(0, isCentered: false)!.Matrix[0], grams[near.Name].Form(0, isCentered: false)!.Matrix[0], 1e-3f);
    }

    private void AssertSquares(Node product, long[] shape)
    {
        _g.Model.InferTypes();
        (string, TensorBuffer)[] sample = Sample(shape);
        InputGram gram = Gram(product, sample);
        ProductParameters parameters = ProductParameters.Of(product);
        float[] outputs = Run(product, sample);
        bool isConvolution = product.Is("Conv");
        int channels = parameters.Channels, perChannel = outputs.Length / channels, spatial = isConvolution ? perChannel / (int)shape[0] : 1;
        Assert.InRange(perChannel, 1, Most);
        for (int channel = 0; channel < channels; channel++)
        {
            double squares = Enumerable.Range(0, outputs.Length).Where(i => i / spatial % channels == channel).Sum(i => (double)outputs[i] * outputs[i]);
            Assert.Equal(squares / perChannel, Quadratic(gram, parameters, channel), 1e-2 * squares / perChannel * 2);
        }
    }

    private static double Quadratic(InputGram gram, ProductParameters parameters, int channel)
    {
        int depth = gram.Depth;
        ReadOnlySpan<float> all = parameters.Weights.AsSpan<float>();
        var w = new double[depth];
        for (int k = 0; k < depth; k++) w[k] = all[parameters.Axis == 0 ? channel * depth + k : k * parameters.Channels + channel];
        float[] matrix = gram.Form(channel / (parameters.Channels / gram.Groups), isCentered: false)!.Matrix;
        double damping = Enumerable.Range(0, depth).Average(k => matrix[k * depth + k]) * 0.01 / 1.01, sum = 0;
        for (int k = 0; k < depth; k++)
            for (int j = 0; j < depth; j++) sum += w[k] * w[j] * (matrix[k * depth + j] - (k == j ? damping : 0));
        return sum;
    }

    private InputGram Gram(Node product, (string, TensorBuffer)[] sample) =>
        GramCalibration.Measure(_g.Model, [product], [sample], TestContext.Current.CancellationToken)[product.Outputs[0].Name];

    private float[] Run(Node product, (string, TensorBuffer)[] sample)
    {
        using var session = TappedSession.Open(_g.Model, [product.Outputs[0].Name], GraphOptimization.All);
        session.Run(sample, TestContext.Current.CancellationToken);
        return session.Elements(product.Outputs[0].Name).ToArray();
    }

    private static (string, TensorBuffer)[] Sample(long[] shape) => [("x", TensorBuffer.Create(shape, TestTensors.Normal(9, shape).Floats()))];

    private static double[] MeanErrors(float[] values, float[] exact)
    {
        int perChannel = values.Length / 8;
        return [.. Enumerable.Range(0, 8).Select(c => Enumerable.Range(c * perChannel, perChannel).Average(i => (double)values[i] - exact[i]))];
    }
}
