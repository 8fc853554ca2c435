using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Quantization;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Quantization;

public sealed class ConstantShiftTests
{
    [Theory]
    [InlineData(ElementType.UInt8)]
    [InlineData(ElementType.Int8)]
    public void What_fits_covers_the_range_and_shifts_without_rounding(ElementType type)
    {
        int fitted = 0;
        for (int seed = 1; seed <= 500; seed++)
        {
            var random = new Random(seed);
            var range = new ValueRange(-8 * random.NextSingle(), 8 * random.NextSingle());
            float shift = 6 * (random.NextSingle() - 0.5f);
            QuantizationParameters plain = QuantizationParameters.Asymmetric(range, type), fit = ConstantShift.Fit(range, [shift], type);
            Assert.InRange(fit.Scale, plain.Scale * 0.999f, plain.Scale * 1.301f);
            // Half a step may be lost where the zero point is rounded.
            Assert.InRange(fit.Dequantize(fit.Min), float.NegativeInfinity, range.Min + fit.Scale);
            Assert.InRange(fit.Dequantize(fit.Max), range.Max - fit.Scale, float.PositiveInfinity);
            if (ConstantShift.Apply(fit, shift) is not { } shifted) continue;
            fitted++;
            Assert.InRange(shifted.ZeroPoint, shifted.Min, shifted.Max);
            for (int integer = fit.Min; integer <= fit.Max; integer++)
                Assert.Equal(fit.Dequantize(integer) + shift, shifted.Dequantize(integer), 0.01f * fit.Scale);
        }
        Assert.InRange(fitted, 250, 500);
    }

    [Fact]
    public void A_shift_far_outside_the_range_is_left_to_a_kernel() =>
        Assert.Equal(QuantizationParameters.Asymmetric(new ValueRange(0, 1), ElementType.UInt8), ConstantShift.Fit(new ValueRange(0, 1), [100], ElementType.UInt8));

    [Fact]
    public void A_shift_below_a_step_is_left_to_a_kernel()
    {
        QuantizationParameters fit = ConstantShift.Fit(new ValueRange(-100, 100), [0.1f], ElementType.UInt8);
        Assert.Null(ConstantShift.Apply(fit, 0.1f));
    }
}
