using System.Numerics;

namespace ModelCompiler.Runtime;

/// <summary>What comes after a classification, on one vector of scores.</summary>
internal static class Scores
{
    /// <summary>The position of the largest, the first of equals. NaN is smaller than any number.</summary>
    public static int ArgMax<T>(ReadOnlySpan<T> scores)
    {
        int best = 0;
        for (int i = 1; i < scores.Length; i++)
        {
            if (Comparer<T>.Default.Compare(scores[i], scores[best]) > 0)
            {
                best = i;
            }
        }

        return best;
    }

    /// <summary>The best classes, the best one first; of equals the first one.</summary>
    public static ClassScore<T>[] Top<T>(ReadOnlySpan<T> scores, IReadOnlyList<string>? labels, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        // Smallest score first: with k places, n scores take n log k steps.
        var best = new PriorityQueue<int, (T Score, int Index)>(Comparer<(T Score, int Index)>.Create(
            (a, b) => Comparer<T>.Default.Compare(a.Score, b.Score) is var order && order != 0 ? order : b.Index.CompareTo(a.Index)));
        for (int i = 0; i < scores.Length; i++)
        {
            best.Enqueue(i, (scores[i], i));
            if (best.Count > count)
            {
                best.Dequeue();
            }
        }

        var top = new ClassScore<T>[best.Count];
        for (int i = top.Length - 1; i >= 0; i--)
        {
            int index = best.Dequeue();
            top[i] = new ClassScore<T>(index, scores[index], labels?[index]);
        }

        return top;
    }

    /// <summary>exp(xᵢ − max) / Σ exp(xⱼ − max) over each row. The largest is taken off first, so that nothing overflows.</summary>
    public static void Softmax<T>(Span<T> scores, int rowLength)
        where T : IFloatingPointIeee754<T>
    {
        for (int start = 0; start < scores.Length; start += rowLength)
        {
            var row = scores.Slice(start, rowLength);
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
}
