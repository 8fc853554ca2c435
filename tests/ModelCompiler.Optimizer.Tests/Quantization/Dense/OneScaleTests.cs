using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Quantization;
using ModelCompiler.Optimizer.Quantization.Dense;
using ModelCompiler.Optimizer.Tests.Support;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Quantization.Dense;

public class OneScaleTests
{
    [Theory]
    [InlineData(1f, true)]
    [InlineData(0f, true)]
    [InlineData(0.8f, true)]
    [InlineData(0.2f, false)]
    [InlineData(6f, false)]
    public void It_does_unless_a_channel_drowns_in_the_steps_of_another(float factor, bool expected)
    {
        float[] weights = TestTensors.Normal(5, 8, 64).Floats();
        foreach (ref float weight in weights.AsSpan(64, 64)) weight *= factor;
        Tensor tensor = Tensor.Create<float>(weights, 8, 64);
        QuantizedWeights perChannel = WeightQuantizer.Quantize(tensor, 0, new float[8]);
        float? scale = OneScale.For(tensor, perChannel);
        Assert.Equal(expected ? perChannel.Scales.Max() : null, scale);
        if (scale is not { } step) return;
        QuantizedWeights all = WeightQuantizer.Quantize(tensor, 0, [.. Enumerable.Repeat(step, 8)]);
        for (int c = 0; c < 8; c++)
        {
            double signal = 0, noise = 0;
            for (int k = c * 64; k < c * 64 + 64; k++)
            {
                signal += weights[k] * weights[k];
                noise += Math.Pow(all.Integers.AsSpan<sbyte>()[k] * step - weights[k], 2);
            }
            Assert.InRange(noise, 0, signal * Math.Pow(10, -3.2));
        }
    }
}
