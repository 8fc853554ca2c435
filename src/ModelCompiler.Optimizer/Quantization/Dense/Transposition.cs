namespace ModelCompiler.Optimizer.Quantization.Dense;

/// <summary>Matrices the other way round.</summary>
internal static class Transposition
{
    /// <summary>The columns of a row-major matrix, one after the other.</summary>
    public static T[] Transposed<T>(ReadOnlySpan<T> matrix, int rows, int columns)
    {
        var result = new T[matrix.Length];
        for (int r = 0; r < rows; r++)
            for (int c = 0; c < columns; c++) result[c * rows + r] = matrix[r * columns + c];
        return result;
    }
}
