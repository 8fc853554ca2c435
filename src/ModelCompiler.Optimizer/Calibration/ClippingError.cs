using ModelCompiler.Optimizer.Quantization;

namespace ModelCompiler.Optimizer.Calibration;

/// <summary>
/// The squared error of 256 levels over a range, Σ count · E[(x − quantized x)²]: step²/12 inside it (uniform rounding error), the squared
/// distance to the nearest end outside. Sums over the bins are made once, so that each range costs constant time.
/// </summary>
internal sealed class ClippingError
{
    private const int Levels = 256;

    private readonly Histogram _histogram;
    // Sums over bins 0 to i − 1 of count · x^k.
    private readonly double[] _counts = new double[Histogram.BinCount + 1];
    private readonly double[] _sums = new double[Histogram.BinCount + 1];
    private readonly double[] _squares = new double[Histogram.BinCount + 1];

    public ClippingError(Histogram histogram)
    {
        _histogram = histogram;
        ReadOnlySpan<long> counts = histogram.Counts;
        for (int i = 0; i < counts.Length; i++)
        {
            double x = histogram.Center(i);
            _counts[i + 1] = _counts[i] + counts[i];
            _sums[i + 1] = _sums[i] + counts[i] * x;
            _squares[i + 1] = _squares[i] + counts[i] * x * x;
        }
    }

    public double Of(ValueRange range)
    {
        double step = ((double)range.Max - range.Min) / (Levels - 1);
        return _histogram.Count * step * step / 12 + Below(range.Min) + Above(range.Max);
    }

    /// <summary>Σ count · x².</summary>
    public double Energy => _squares[^1];

    /// <summary>Σ count · (x − end)² over what is larger.</summary>
    public double Above(double end) => SquaredDistance(FirstBinFrom(end), Histogram.BinCount, end);

    /// <summary>The same over what is smaller.</summary>
    public double Below(double end) => SquaredDistance(0, FirstBinFrom(end), end);

    /// <summary>Σ count · (x − end)² over the bins from <paramref name="first"/> to before <paramref name="last"/>.</summary>
    private double SquaredDistance(int first, int last, double end) =>
        Math.Max(0, _squares[last] - _squares[first] - 2 * end * (_sums[last] - _sums[first]) + end * end * (_counts[last] - _counts[first]));

    /// <summary>The first bin whose middle is not below <paramref name="x"/>.</summary>
    private int FirstBinFrom(double x) => (int)Math.Clamp(Math.Ceiling(x / _histogram.BinWidth - 0.5) + Histogram.BinCount / 2, 0, Histogram.BinCount);
}
