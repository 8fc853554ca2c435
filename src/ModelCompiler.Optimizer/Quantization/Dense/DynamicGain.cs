namespace ModelCompiler.Optimizer.Quantization.Dense;

/// <summary>
/// Whether a product gains from integers whose range is measured at each run: finding the range and converting cost time in proportion to
/// x and y, multiplying to x·W. Measured with ONNX Runtime 1.30 (time of eight products in a row over that in float32, one thread, x64 with
/// VNNI and AMX): 1 × 128 × 256 takes 1.54, 1 × 256 × 256 0.72; 64 × 32 × 32 takes 1.78, 128 × 32 × 128 1.15, 64 × 64 × 128 0.79, 128 × 128 × 128 0.54.
/// </summary>
internal static class DynamicGain
{
    /// <summary>From here on even one row gains: float32 waits for its weights.</summary>
    private const long ManyWeights = 1 << 16;

    /// <summary>Below, the call costs more than it saves.</summary>
    private const long FewProducts = 1 << 18;

    /// <summary>K·N / (K+N): multiplications per number that is converted.</summary>
    private const double LeastReuse = 32;

    /// <summary>Rows of a sequence whose length is open.</summary>
    private const long AssumedSequence = 64;

    /// <summary>Why the product should stay in floating point; null where it gains.</summary>
    public static string? Refusal(DenseProduct product)
    {
        long k = product.Depth, n = product.Columns;
        if (k * n >= ManyWeights) return null;
        long rows = product.Rows ?? (product.Input.Shape is { Rank: > 2 } ? AssumedSequence : 1);
        bool gains = rows * k * n >= FewProducts && (double)k * n / (k + n) >= LeastReuse;
        return gains ? null : $"too small to gain: {rows} rows by {k} × {n} weights";
    }
}
