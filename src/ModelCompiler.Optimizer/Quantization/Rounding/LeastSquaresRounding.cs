namespace ModelCompiler.Optimizer.Quantization.Rounding;

/// <summary>
/// Rounds weights so that the outputs of a product change least: min (ŵ − w)ᵀ H (ŵ − w) over ŵ = step · integer with H = Σ x·xᵀ, the objective of
/// AdaRound (Nagel et al. 2020, eq. 20) and GPTQ (Frantar et al. 2022, eq. 1). It begins as GPTQ does: weights are rounded one after the other,
/// and those that are left make up for the error (Babai's nearest plane, on the Cholesky factor of H). Then each weight in turn takes the best
/// integer, given all others (coordinate descent: QuantEase, Behdin et al. 2023), which makes it better still and never worse.
/// </summary>
internal static class LeastSquaresRounding
{
    private const int Sweeps = 4;

    /// <summary>Improves the integers of one output channel.</summary>
    /// <param name="weights">w.</param>
    /// <param name="steps">The step of each weight.</param>
    /// <param name="integers">The nearest integers, less the zero point; the result.</param>
    /// <param name="lowest">The smallest integer that each weight may take.</param>
    /// <param name="highest">The largest.</param>
    /// <param name="form">H.</param>
    public static void Improve(ReadOnlySpan<float> weights, ReadOnlySpan<float> steps, Span<float> integers, ReadOnlySpan<float> lowest, ReadOnlySpan<float> highest, QuadraticForm form)
    {
        float[] gradient = Gradient(weights, steps, integers, form);
        if (form.Factor is not null)
        {
            float[] begun = NearestPlane(weights, steps, lowest, highest, form), itsGradient = Gradient(weights, steps, begun, form);
            if (Error(weights, steps, begun, itsGradient) < Error(weights, steps, integers, gradient))
            {
                begun.CopyTo(integers);
                gradient = itsGradient;
            }
        }
        bool isChanged = true;
        for (int sweep = 0; sweep < Sweeps && isChanged; sweep++) isChanged = Sweep(steps, integers, lowest, highest, form, gradient);
    }

    /// <summary>From the weight that matters most to the one that matters least: what each is off by moves the real numbers that the others are to become.</summary>
    private static float[] NearestPlane(ReadOnlySpan<float> weights, ReadOnlySpan<float> steps, ReadOnlySpan<float> lowest, ReadOnlySpan<float> highest, QuadraticForm form)
    {
        var integers = new float[weights.Length];
        var moved = new float[weights.Length];
        for (int row = weights.Length - 1; row >= 0; row--)
        {
            int start = row - row % form.Width, k = form.Order[row];
            ReadOnlySpan<float> factors = form.Factor.AsSpan(row * form.Width, row - start + 1);
            integers[k] = Math.Clamp(MathF.Round((weights[k] - moved[row] / factors[^1]) / steps[k]), lowest[k], highest[k]);
            InputGram.AddMultiple(steps[k] * integers[k] - weights[k], factors[..^1], moved.AsSpan(start, row - start));
        }
        return integers;
    }

    private static bool Sweep(ReadOnlySpan<float> steps, Span<float> integers, ReadOnlySpan<float> lowest, ReadOnlySpan<float> highest, QuadraticForm form, float[] gradient)
    {
        bool isChanged = false;
        for (int k = 0; k < integers.Length; k++)
        {
            float curvature = form.Matrix[k * form.Width + k % form.Width];
            float best = Math.Clamp(MathF.Round(integers[k] - gradient[k] / (curvature * steps[k])), lowest[k], highest[k]);
            if (best == integers[k]) continue;
            AddColumn(k, steps[k] * (best - integers[k]), form, gradient);
            integers[k] = best;
            isChanged = true;
        }
        return isChanged;
    }

    /// <summary>H (ŵ − w).</summary>
    private static float[] Gradient(ReadOnlySpan<float> weights, ReadOnlySpan<float> steps, ReadOnlySpan<float> integers, QuadraticForm form)
    {
        var gradient = new float[weights.Length];
        for (int k = 0; k < gradient.Length; k++) AddColumn(k, steps[k] * integers[k] - weights[k], form, gradient);
        return gradient;
    }

    private static double Error(ReadOnlySpan<float> weights, ReadOnlySpan<float> steps, ReadOnlySpan<float> integers, float[] gradient)
    {
        double error = 0;
        for (int k = 0; k < gradient.Length; k++) error += ((double)steps[k] * integers[k] - weights[k]) * gradient[k];
        return error;
    }

    private static void AddColumn(int k, float change, QuadraticForm form, float[] gradient)
    {
        int start = k - k % form.Width, length = Math.Min(form.Width, gradient.Length - start);
        InputGram.AddMultiple(change, form.Matrix.AsSpan(k * form.Width, length), gradient.AsSpan(start, length));
    }
}
