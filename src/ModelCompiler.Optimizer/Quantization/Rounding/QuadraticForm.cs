namespace ModelCompiler.Optimizer.Quantization.Rounding;

/// <summary>
/// eᵀ H e for a positive definite H of blocks on the diagonal, with what it takes to minimize it: H itself, and Lᵀ with P·H·Pᵀ = L·Lᵀ (Cholesky),
/// where P orders each block by its diagonal. Blocks are <see cref="Width"/> wide; row k of either matrix holds the numbers of the block that k is in.
/// </summary>
internal sealed class QuadraticForm
{
    /// <summary>A form of a matrix.</summary>
    /// <param name="matrix">H, as many rows as <paramref name="depth"/>.</param>
    /// <param name="depth">The length of e.</param>
    public QuadraticForm(float[] matrix, int depth)
    {
        (Matrix, Depth, Width) = (matrix, depth, matrix.Length / depth);
        Order = [.. Enumerable.Range(0, depth).OrderBy(k => k / Width).ThenBy(k => matrix[k * Width + k % Width])];
        var factor = new float[matrix.Length];
        bool isDefinite = true;
        for (int start = 0; start < depth && isDefinite; start += Width) isDefinite = Factorize(start, Math.Min(Width, depth - start), factor);
        Factor = isDefinite ? factor : null;
    }

    public float[] Matrix { get; }

    /// <summary>Which element of e each row of Lᵀ stands for: in each block those that matter least come first.</summary>
    public int[] Order { get; }

    /// <summary>Lᵀ; null where rounding leaves no positive pivot.</summary>
    public float[]? Factor { get; }

    public int Depth { get; }

    public int Width { get; }

    /// <summary>Cholesky's decomposition of one block, row by row of Lᵀ: what a row is done with is taken out of all rows below.</summary>
    private bool Factorize(int start, int size, float[] factor)
    {
        var upper = new float[size * size];
        for (int i = 0; i < size; i++)
            for (int j = 0; j < size; j++) upper[i * size + j] = Matrix[Order[start + i] * Width + Order[start + j] - start];
        for (int k = 0; k < size; k++)
        {
            Span<float> row = upper.AsSpan(k * size + k, size - k);
            if (!(row[0] > 0)) return false;
            float root = MathF.Sqrt(row[0]);
            foreach (ref float number in row) number /= root;
            upper.AsSpan(k * size, k).Clear();
            for (int i = 1; i < row.Length; i++) InputGram.AddMultiple(-row[i], row[i..], upper.AsSpan((k + i) * size + k + i, row.Length - i));
        }
        for (int i = 0; i < size; i++) upper.AsSpan(i * size, size).CopyTo(factor.AsSpan((start + i) * Width));
        return true;
    }
}
