namespace ModelCompiler.Optimizer.Quantization.Rounding;

/// <summary>
/// Rounds weights so that the outputs of a product change least, min (ŵ − w)ᵀ H (ŵ − w) over ŵ = step · integer with H = Σ x·xᵀ: the objective of
/// AdaRound (Nagel et al. 2020, eq. 20) and GPTQ (Frantar et al. 2022, eq. 1), by cyclic coordinate descent (QuantEase, Behdin et al. 2023):
/// each weight in turn takes the best integer, given all others. Nothing is inverted, and no step makes it worse.
/// </summary>
internal static class LeastSquaresRounding
{
    private const int Sweeps = 4;

    /// <summary>Improves the integers of one output channel.</summary>
    /// <param name="weights">w.</param>
    /// <param name="steps">The step of each weight.</param>
    /// <param name="integers">Where to begin, less the zero point; the result.</param>
    /// <param name="lowest">The smallest integer that each weight may take.</param>
    /// <param name="highest">The largest.</param>
    /// <param name="matrix">H, in the form of <see cref="InputGram.Matrix"/>.</param>
    public static void Improve(ReadOnlySpan<float> weights, ReadOnlySpan<float> steps, Span<float> integers, ReadOnlySpan<float> lowest, ReadOnlySpan<float> highest, ReadOnlySpan<float> matrix)
    {
        int depth = weights.Length, width = matrix.Length / depth;
        var gradient = new float[depth];
        for (int k = 0; k < depth; k++) AddColumn(k, steps[k] * integers[k] - weights[k], matrix, width, gradient);
        bool isChanged = true;
        for (int sweep = 0; sweep < Sweeps && isChanged; sweep++)
        {
            isChanged = false;
            for (int k = 0; k < depth; k++)
            {
                float curvature = matrix[k * width + k % width];
                float best = Math.Clamp(MathF.Round(integers[k] - gradient[k] / (curvature * steps[k])), lowest[k], highest[k]);
                if (best == integers[k]) continue;
                AddColumn(k, steps[k] * (best - integers[k]), matrix, width, gradient);
                integers[k] = best;
                isChanged = true;
            }
        }
    }

    private static void AddColumn(int k, float change, ReadOnlySpan<float> matrix, int width, float[] gradient)
    {
        int start = k - k % width, length = Math.Min(width, gradient.Length - start);
        InputGram.AddMultiple(change, matrix.Slice(k * width, length), gradient.AsSpan(start, length));
    }
}
