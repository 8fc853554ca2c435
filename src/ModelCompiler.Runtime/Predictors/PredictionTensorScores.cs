using System.Numerics;

namespace ModelCompiler.Runtime;

/// <summary>What comes after a classification. Scores lie along the last dimension; a row is one vector of them.</summary>
public static class PredictionTensorScores
{
    /// <summary>The elements of a row: rows are numbered through all dimensions but the last.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such row.</exception>
    public static ReadOnlySpan<T> Row<T>(this PredictionTensor<T> scores, int row)
    {
        ArgumentNullException.ThrowIfNull(scores);
        int length = scores.Shape.Length == 0 ? 1 : (int)scores.Shape[^1];
        ArgumentOutOfRangeException.ThrowIfNegative(row);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(row, length == 0 ? 0 : scores.Length / length);
        return scores.Span.Slice(row * length, length);
    }

    /// <summary>The position in a row of its largest score, the first of equals. NaN is smaller than any number.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such row.</exception>
    public static int ArgMax<T>(this PredictionTensor<T> scores, int row) => ArgMax(scores.Row(row));

    /// <summary>The best classes of a row, the best one first; of equals the first one.</summary>
    /// <param name="scores">The scores.</param>
    /// <param name="count">How many; there are no more than there are classes.</param>
    /// <param name="row">The row.</param>
    /// <exception cref="ArgumentOutOfRangeException">The count is negative, or there is no such row.</exception>
    public static ClassScore<T>[] Top<T>(this PredictionTensor<T> scores, int count, int row = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        var elements = scores.Row(row);
        // Smallest score first: with k places, n scores take n log k steps.
        var best = new PriorityQueue<int, (T Score, int Index)>(Comparer<(T Score, int Index)>.Create(
            (a, b) => Comparer<T>.Default.Compare(a.Score, b.Score) is var order && order != 0 ? order : b.Index.CompareTo(a.Index)));
        for (int i = 0; i < elements.Length; i++)
        {
            best.Enqueue(i, (elements[i], i));
            if (best.Count > count)
            {
                best.Dequeue();
            }
        }

        var top = new ClassScore<T>[best.Count];
        for (int i = top.Length - 1; i >= 0; i--)
        {
            int index = best.Dequeue();
            top[i] = new ClassScore<T>(index, elements[index], scores.Labels?[index]);
        }

        return top;
    }

    /// <summary>The name of the best class of a row.</summary>
    /// <exception cref="InvalidOperationException">The model has no names of classes: the item sets them with <c>Labels</c>.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such row.</exception>
    public static string Label<T>(this PredictionTensor<T> scores, int row = 0)
    {
        int best = ArgMax(scores.Row(row));
        return scores.Labels?[best] ?? throw new InvalidOperationException($"{scores} has no names of classes; the item sets them with Labels=\"file\".");
    }

    /// <summary>
    /// Probabilities of each row: exp(xᵢ − max) / Σ exp(xⱼ − max), in the type of the scores. The largest is taken off first, so
    /// that nothing overflows (Goodfellow, Bengio and Courville, Deep Learning, section 4.1).
    /// </summary>
    public static PredictionTensor<T> Softmax<T>(this PredictionTensor<T> scores)
        where T : IFloatingPointIeee754<T>
    {
        ArgumentNullException.ThrowIfNull(scores);
        var result = scores.ToArray();
        int length = scores.Shape.Length == 0 ? 1 : (int)scores.Shape[^1];
        for (int start = 0; start < result.Length; start += length)
        {
            Softmax(result.AsSpan(start, length));
        }

        return new PredictionTensor<T>(result, scores.Shape) { Labels = scores.Labels };
    }

    internal static int ArgMax<T>(ReadOnlySpan<T> elements)
    {
        int best = 0;
        for (int i = 1; i < elements.Length; i++)
        {
            if (Comparer<T>.Default.Compare(elements[i], elements[best]) > 0)
            {
                best = i;
            }
        }

        return best;
    }

    private static void Softmax<T>(Span<T> row)
        where T : IFloatingPointIeee754<T>
    {
        T max = row[ArgMax<T>(row)];
        T sum = T.Zero;
        foreach (ref T element in row)
        {
            element = T.Exp(element - max);
            sum += element;
        }

        foreach (ref T element in row)
        {
            element /= sum;
        }
    }
}
