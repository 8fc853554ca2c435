using System.Globalization;

namespace ModelCompiler.Runtime;

/// <summary>Arithmetic and text of shapes.</summary>
internal static class TensorShape
{
    /// <summary>The number of elements: 1 for rank 0.</summary>
    /// <exception cref="ArgumentException">A dimension is negative, or the product does not fit.</exception>
    public static long Count(ReadOnlySpan<long> shape)
    {
        long count = 1;
        bool isEmpty = shape.Contains(0);
        foreach (long dimension in shape)
        {
            if (dimension < 0)
            {
                throw new ArgumentException($"The shape {Text(shape)} has a negative dimension.", nameof(shape));
            }

            // With a zero in it nothing overflows, whatever stands beside.
            count = isEmpty ? 0 : Math.BigMul(count, dimension) is var product && product <= long.MaxValue ? (long)product
                : throw new ArgumentException($"The shape {Text(shape)} has more elements than a number can count.", nameof(shape));
        }

        return count;
    }

    /// <summary>The number of elements, or <see cref="long.MaxValue"/> where it is larger than a span can be. Negative sizes are the caller's to refuse.</summary>
    public static long SpanCount(ReadOnlySpan<long> shape)
    {
        long count = 1;
        bool isHuge = false;
        foreach (long size in shape)
        {
            if (size == 0)
            {
                return 0;
            }

            isHuge |= size > int.MaxValue || count * size > int.MaxValue;
            count = isHuge ? 1 : count * size;
        }

        return isHuge ? long.MaxValue : count;
    }

    public static string Text(ReadOnlySpan<long> shape)
    {
        var dimensions = new string[shape.Length];
        for (int i = 0; i < shape.Length; i++)
        {
            dimensions[i] = shape[i].ToString(CultureInfo.InvariantCulture);
        }

        return $"[{string.Join(", ", dimensions)}]";
    }
}
