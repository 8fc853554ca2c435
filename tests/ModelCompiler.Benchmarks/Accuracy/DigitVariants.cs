namespace ModelCompiler.Benchmarks.Accuracy;

/// <summary>
/// Held-out digits and variants of each, turned, sheared, scaled and moved as those that the networks were trained on (samples/DigitClassifier/training):
/// 2,000 samples cannot tell a loss of 0.05 points from none.
/// </summary>
internal static class DigitVariants
{
    /// <summary>Samples that show one digit.</summary>
    public const int PerDigit = 5;

    private const int Side = 28, Pixels = Side * Side;

    private const double MaxRotation = 12 * Math.PI / 180, MaxScale = 0.12, MaxShear = 0.12, MaxShift = 2.5;

    /// <summary>A digit as it is, and its variants.</summary>
    public static IEnumerable<float[]> Of(float[] digit, Random random) => [digit, .. Enumerable.Range(1, PerDigit - 1).Select(_ => Variant(digit, random))];

    /// <summary>Each pixel is fetched from where a random affine map sends it, bilinearly; outside of the picture there is paper.</summary>
    private static float[] Variant(float[] image, Random random)
    {
        double angle = Between(MaxRotation), cos = Math.Cos(angle) * (1 + Between(MaxScale)), sin = Math.Sin(angle), shear = Between(MaxShear);
        double right = Between(MaxShift), down = Between(MaxShift), middle = (Side - 1) / 2.0;
        var variant = new float[Pixels];
        for (int i = 0; i < Pixels; i++)
        {
            double x = i % Side - middle, y = i / Side - middle;
            variant[i] = At(image, cos * x + (shear - sin) * y + right + middle, sin * x + cos * y + down + middle);
        }
        return variant;

        double Between(double limit) => (2 * random.NextDouble() - 1) * limit;
    }

    /// <summary>The gray between four pixels.</summary>
    private static float At(float[] image, double x, double y)
    {
        int left = (int)Math.Floor(x), top = (int)Math.Floor(y);
        double alongX = x - left, alongY = y - top;
        return (float)(
            (1 - alongY) * ((1 - alongX) * Pixel(left, top) + alongX * Pixel(left + 1, top)) +
            alongY * ((1 - alongX) * Pixel(left, top + 1) + alongX * Pixel(left + 1, top + 1)));

        double Pixel(int column, int row) => column is >= 0 and < Side && row is >= 0 and < Side ? image[row * Side + column] : 0;
    }
}
