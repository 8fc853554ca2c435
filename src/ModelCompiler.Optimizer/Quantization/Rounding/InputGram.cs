using System.Buffers;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace ModelCompiler.Optimizer.Quantization.Rounding;

/// <summary>
/// Σ x·xᵀ and Σ x over the vectors that meet the weights of a product: what the error of its outputs, Σ (ŵᵀx − wᵀx)² = (ŵ − w)ᵀ (Σ x·xᵀ) (ŵ − w),
/// depends on. Of deep products only the blocks on the diagonal are kept, so that cost is linear in the depth.
/// </summary>
/// <param name="groups">Groups of a convolution, each with vectors of its own; 1 for others.</param>
/// <param name="depth">The length of a vector.</param>
internal sealed class InputGram(int groups, int depth)
{
    /// <summary>The size of the blocks on the diagonal.</summary>
    public const int Block = 256;

    /// <summary>What is added to the diagonal, of its mean, so that weights whose inputs were never seen stay near what they are (Frantar et al. 2022, section 3.3).</summary>
    private const double Damping = 0.01;

    private readonly float[] _products = new float[groups * depth * Math.Min(depth, Block)];
    private readonly double[] _sums = new double[groups * depth];
    private readonly long[] _counts = new long[groups];

    public int Groups => groups;

    public int Depth => depth;

    private int Width => Math.Min(depth, Block);

    /// <summary>Adds vectors of a group, which lie one after the other.</summary>
    public void Add(int group, ReadOnlySpan<float> vectors)
    {
        int count = vectors.Length / depth;
        if (count == 0) return;
        _counts[group] += count;
        Span<double> sums = _sums.AsSpan(group * depth, depth);
        for (int n = 0; n < count; n++)
        {
            ReadOnlySpan<float> vector = vectors.Slice(n * depth, depth);
            for (int k = 0; k < vector.Length; k++) sums[k] += vector[k];
        }
        for (int start = 0; start < depth; start += Block)
        {
            int size = Math.Min(Block, depth - start);
            float[] rented = ArrayPool<float>.Shared.Rent(size * count);
            Span<float> elements = rented.AsSpan(0, size * count);
            for (int n = 0; n < count; n++)
                for (int k = 0; k < size; k++) elements[k * count + n] = vectors[n * depth + start + k];
            for (int column = 0; column < size; column += Lane.Width) AddColumns(group, vectors, elements, count, start, column);
            ArrayPool<float>.Shared.Return(rented);
        }
    }

    /// <summary>Adds to the columns of a block that a <see cref="Lane"/> holds, down to the diagonal.</summary>
    /// <param name="group">The group.</param>
    /// <param name="vectors">The vectors.</param>
    /// <param name="elements">The block's elements of all vectors, those of one place one after the other.</param>
    /// <param name="count">How many vectors there are.</param>
    /// <param name="start">Where the block begins.</param>
    /// <param name="column">The first column, in the block.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void AddColumns(int group, ReadOnlySpan<float> vectors, ReadOnlySpan<float> elements, int count, int start, int column)
    {
        int end = Math.Min(column + Lane.Width, elements.Length / count), width = end - column;
        Lane[] rented = ArrayPool<Lane>.Shared.Rent(count);
        Span<Lane> columns = rented.AsSpan(0, count);
        Span<float> numbers = stackalloc float[Lane.Width];
        for (int n = 0; n < count; n++)
        {
            ReadOnlySpan<float> found = vectors.Slice(n * depth + start + column, width);
            found.CopyTo(numbers);
            columns[n] = width < Lane.Width ? Lane.Of(numbers) : Lane.Of(found);
        }
        for (int k = 0; k < end; k++)
        {
            Lane sum = Lane.Sum(elements.Slice(k * count, count), columns);
            Span<float> products = _products.AsSpan((group * depth + start + k) * Width + column, width);
            if (width == Lane.Width)
            {
                (Lane.Of(products) + sum).CopyTo(products);
                continue;
            }
            sum.CopyTo(numbers);
            for (int j = 0; j < width; j++) products[j] += numbers[j];
        }
        ArrayPool<Lane>.Shared.Return(rented);
    }

    /// <summary>The mean vector of a group.</summary>
    public double[] Mean(int group) => [.. _sums.AsSpan(group * depth, depth).ToArray().Select(sum => sum / Math.Max(1, _counts[group]))];

    /// <summary>
    /// The mean of x·xᵀ, or where a bias takes the mean error of (x − mean)·(x − mean)ᵀ, damped.
    /// Null where nothing was observed, or numbers too large for it.
    /// </summary>
    /// <param name="group">The group.</param>
    /// <param name="isCentered">Whether a bias takes the mean error.</param>
    /// <param name="noise">The variance of the rounding error of each element of x, which products will meet and these vectors do not have.</param>
    public QuadraticForm? Form(int group, bool isCentered, double noise = 0)
    {
        double[] mean = isCentered ? Mean(group) : new double[depth];
        double trace = 0, count = _counts[group];
        var matrix = new float[depth * Width];
        for (int k = 0; k < depth; k++)
        {
            int start = k - k % Block;
            for (int j = k; j < Math.Min(start + Block, depth); j++)
            {
                double value = _products[(group * depth + k) * Width + j - start] / count - mean[k] * mean[j];
                matrix[k * Width + j - start] = matrix[j * Width + k - start] = (float)value;
                if (j == k) trace += value;
            }
        }
        if (!(trace > 0) || !float.IsFinite((float)trace)) return null;
        for (int k = 0; k < depth; k++) matrix[k * Width + k % Block] += (float)(Damping * trace / depth + noise);
        return new QuadraticForm(matrix, depth);
    }

    /// <summary>target += factor · x. Elements are independent, so that the answer is the same for vectors of any width.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AddMultiple(float factor, ReadOnlySpan<float> x, Span<float> target)
    {
        ReadOnlySpan<Vector<float>> from = MemoryMarshal.Cast<float, Vector<float>>(x);
        Span<Vector<float>> to = MemoryMarshal.Cast<float, Vector<float>>(target);
        for (int i = 0; i < to.Length; i++) to[i] += from[i] * factor;
        for (int i = to.Length * Vector<float>.Count; i < x.Length; i++) target[i] += factor * x[i];
    }
}
