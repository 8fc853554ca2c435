using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Quantization;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Quantization;

public class QuantizationParametersTests
{
    public static TheoryData<float, float> Ranges => new()
    {
        { 0, 0 }, { 0, 1 }, { -1, 0 }, { -1, 1 }, { 3, 5 }, { -5, -3 }, { -0.1f, 1000 }, { 0, 1e-30f }, { -1e30f, 1e30f },
        { 0, float.Epsilon }, { -3e38f, 3e38f }, { -1e-7f, 6 },
    };

    [Theory]
    [MemberData(nameof(Ranges))]
    public void Scale_is_positive_zero_is_exact_and_the_range_is_within_half_a_step(float min, float max)
    {
        foreach (ElementType type in (ElementType[])[ElementType.UInt8, ElementType.Int8])
        {
            QuantizationParameters parameters = QuantizationParameters.Asymmetric(new ValueRange(min, max), type);
            Assert.True(parameters.Scale > 0 && float.IsFinite(parameters.Scale));
            Assert.InRange(parameters.ZeroPoint, parameters.Min, parameters.Max);
            Assert.Equal(0f, parameters.Dequantize(parameters.Quantize(0f)));
            if (MathF.Max(max, 0) - MathF.Min(min, 0) < 1e-12f) continue;
            foreach (float value in (float[])[min, max, (float)(min * 0.3 + max * 0.7)])
                Assert.InRange(Math.Abs((double)value - parameters.Dequantize(parameters.Quantize(value))) / parameters.Scale, 0, 0.5001);
        }
    }

    [Fact]
    public void A_range_from_zero_has_its_zero_point_at_the_end_so_that_saturation_is_Relu() =>
        Assert.Equal((0, -128), (
            QuantizationParameters.Asymmetric(new ValueRange(0, 7.3f), ElementType.UInt8).ZeroPoint,
            QuantizationParameters.Asymmetric(new ValueRange(0, 7.3f), ElementType.Int8).ZeroPoint));

    [Theory]
    [InlineData(float.NaN, 1)]
    [InlineData(0, float.PositiveInfinity)]
    [InlineData(2, 1)]
    public void What_is_no_range_is_refused(float min, float max) =>
        Assert.Throws<ArgumentException>(() => QuantizationParameters.Asymmetric(new ValueRange(min, max), ElementType.UInt8));
}
