namespace ModelCompiler.Optimizer.Quantization.Rounding;

/// <summary>
/// Rounds weights so that the outputs of a product change least: min (ŵ − w)ᵀ H (ŵ − w) over ŵ = step · integer with H = Σ x·xᵀ, the objective of
/// AdaRound (Nagel et al. 2020, eq. 20) and GPTQ (Frantar et al. 2022, eq. 1). It begins as GPTQ does: weights are rounded one after the other,
/// and those that are left make up for the error (Babai's nearest plane, on the Cholesky factor of H). Then each weight in turn takes the best
/// integer, given all others (coordinate descent: QuantEase, Behdin et al. 2023), which makes it better still and never worse.
/// </summary>
internal static class LeastSquaresRounding
{
    /// <summary>How many output channels are rounded in the time of one; what each becomes does not depend on the others.</summary>
    public static int RowsAtOnce => Lane.Width;

    /// <summary>Improves the integers of output channels, at most <see cref="RowsAtOnce"/> of them, one after the other.</summary>
    /// <param name="weights">w.</param>
    /// <param name="steps">The step of each weight.</param>
    /// <param name="integers">The nearest integers, less the zero point; the result.</param>
    /// <param name="lowest">The smallest integer that each weight may take.</param>
    /// <param name="highest">The largest.</param>
    /// <param name="form">H.</param>
    public static void Improve(ReadOnlySpan<float> weights, ReadOnlySpan<float> steps, Span<float> integers, ReadOnlySpan<float> lowest, ReadOnlySpan<float> highest, QuadraticForm form)
    {
        var tile = new RoundingTile(form);
        for (int start = 0; start < form.Depth; start += form.Width)
        {
            tile.Load(start, weights, steps, integers, lowest, highest);
            if (form.Factor is not null) tile.RoundToNearestPlane();
            tile.Descend();
            tile.Store(integers);
        }
    }
}
