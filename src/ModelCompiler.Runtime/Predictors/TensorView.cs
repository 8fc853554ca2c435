using System.Diagnostics;

namespace ModelCompiler.Runtime;

/// <summary>
/// A look at a tensor, wherever its elements are: in row-major order, with their shape and the names of the classes. Scores lie along the last dimension;
/// a row is one vector of them, and rows are numbered through all other dimensions.
/// </summary>
/// <typeparam name="T">The .NET type of the elements.</typeparam>
[DebuggerDisplay("{ToString(),nq}")]
public readonly ref struct TensorView<T>
{
    /// <param name="elements">The elements.</param>
    /// <param name="shape">The dimensions; empty for rank 0.</param>
    /// <param name="labels">The names of the classes along the last dimension, or null.</param>
    /// <exception cref="ArgumentException">The shape has another number of elements.</exception>
    public TensorView(ReadOnlySpan<T> elements, ReadOnlySpan<long> shape, IReadOnlyList<string>? labels = null)
        : this(elements, shape, labels, isChecked: TensorShape.Count(shape) == elements.Length)
    {
    }

    /// <param name="elements">The elements.</param>
    /// <param name="shape">The dimensions.</param>
    /// <param name="labels">The names of the classes along the last dimension, or null.</param>
    /// <param name="isChecked">Whether the shape is known to fit.</param>
    internal TensorView(ReadOnlySpan<T> elements, ReadOnlySpan<long> shape, IReadOnlyList<string>? labels, bool isChecked)
    {
        Span = isChecked ? elements : throw new ArgumentException($"The shape {TensorShape.Text(shape)} has another number of elements than {elements.Length}.", nameof(shape));
        Shape = shape;
        Labels = labels;
    }

    /// <summary>The elements.</summary>
    public ReadOnlySpan<T> Span { get; }

    /// <summary>The dimensions; empty for rank 0.</summary>
    public ReadOnlySpan<long> Shape { get; }

    /// <summary>The names of the classes along the last dimension, where the model has them.</summary>
    public IReadOnlyList<string>? Labels { get; }

    /// <summary>The number of elements.</summary>
    public int Length => Span.Length;

    /// <summary>The element at a position with one index per dimension.</summary>
    /// <exception cref="ArgumentException">There are more or fewer indices than dimensions.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An index is not within its dimension.</exception>
    public T this[params ReadOnlySpan<int> indices]
    {
        get
        {
            if (indices.Length != Shape.Length)
            {
                throw new ArgumentException($"{Type} takes {Shape.Length} indices, got {indices.Length}.", nameof(indices));
            }

            long offset = 0;
            for (int i = 0; i < indices.Length; i++)
            {
                // As unsigned numbers, negative ones are too large.
                offset = (ulong)indices[i] < (ulong)Shape[i]
                    ? (offset * Shape[i]) + indices[i]
                    : throw new ArgumentOutOfRangeException(nameof(indices), indices[i], $"Dimension {i} of {TensorShape.Text(Shape)} has {Shape[i]} elements.");
            }

            return Span[(int)offset];
        }
    }

    /// <summary>The position in <see cref="Span"/> of the largest element, the first of equals. NaN is smaller than any number.</summary>
    /// <exception cref="InvalidOperationException">There are no elements.</exception>
    public int ArgMax() => Length > 0 ? Scores.ArgMax(Span) : throw new InvalidOperationException($"{Type} has no largest element.");

    /// <summary>The position in a row of its largest score, the first of equals. NaN is smaller than any number.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such row.</exception>
    public int ArgMax(int row) => Scores.ArgMax(Row(row));

    /// <summary>The elements of a row: rows are numbered through all dimensions but the last.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such row.</exception>
    public ReadOnlySpan<T> Row(int row)
    {
        int length = RowLength;
        ArgumentOutOfRangeException.ThrowIfNegative(row);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(row, length == 0 ? 0 : Length / length);
        return Span.Slice(row * length, length);
    }

    /// <summary>The best classes of a row, the best one first; of equals the first one.</summary>
    /// <param name="count">How many; there are no more than there are classes.</param>
    /// <param name="row">The row.</param>
    /// <exception cref="ArgumentOutOfRangeException">The count is negative, or there is no such row.</exception>
    public ClassScore<T>[] Top(int count, int row = 0) => Scores.Top(Row(row), Labels, count);

    /// <summary>The name of the best class of a row.</summary>
    /// <exception cref="InvalidOperationException">The model has no names of classes: the item sets them with <c>Labels</c>.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such row.</exception>
    public string Label(int row = 0)
    {
        int best = ArgMax(row);
        return Labels?[best] ?? throw new InvalidOperationException($"{Type} has no names of classes; the item sets them with Labels=\"file\".");
    }

    /// <summary>A copy of the elements.</summary>
    public T[] ToArray() => Span.ToArray();

    /// <summary>Type, shape and the first elements, as in <c>float32[1, 10] { 0.1, 0.7, … }</c>.</summary>
    public override string ToString() => TensorText.Of(Span, Shape);

    private string Type => TensorText.TypeOf<T>(Shape);

    internal int RowLength => Shape.Length == 0 ? 1 : (int)Shape[^1];
}
