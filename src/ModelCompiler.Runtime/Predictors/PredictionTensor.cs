using System.Diagnostics;

namespace ModelCompiler.Runtime;

/// <summary>An output of a prediction: elements in row-major order, owned by the caller.</summary>
/// <typeparam name="T">The .NET type of the elements.</typeparam>
[DebuggerDisplay("{ToString(),nq}")]
public sealed class PredictionTensor<T>
{
    private readonly T[] _elements;
    private readonly long[] _shape;

    /// <exception cref="ArgumentException">The shape has another number of elements.</exception>
    public PredictionTensor(T[] elements, ReadOnlySpan<long> shape)
    {
        ArgumentNullException.ThrowIfNull(elements);
        _elements = TensorShape.Count(shape) == elements.Length
            ? elements
            : throw new ArgumentException($"The shape {TensorShape.Text(shape)} has another number of elements than {elements.Length}.", nameof(shape));
        _shape = shape.ToArray();
    }

    /// <summary>The elements.</summary>
    public ReadOnlySpan<T> Span => _elements;

    /// <summary>The dimensions; empty for rank 0.</summary>
    public ReadOnlySpan<long> Shape => _shape;

    /// <summary>The names of the classes along the last dimension, where the model has them.</summary>
    public IReadOnlyList<string>? Labels { get; init; }

    /// <summary>The number of elements.</summary>
    public int Length => _elements.Length;

    /// <summary>The element at a position with one index per dimension.</summary>
    /// <exception cref="ArgumentException">There are more or fewer indices than dimensions.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An index is not within its dimension.</exception>
    public T this[params ReadOnlySpan<int> indices]
    {
        get
        {
            if (indices.Length != _shape.Length)
            {
                throw new ArgumentException($"{this} takes {_shape.Length} indices, got {indices.Length}.", nameof(indices));
            }

            long offset = 0;
            for (int i = 0; i < indices.Length; i++)
            {
                ArgumentOutOfRangeException.ThrowIfNegative(indices[i], nameof(indices));
                ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(indices[i], _shape[i], nameof(indices));
                offset = (offset * _shape[i]) + indices[i];
            }

            return _elements[offset];
        }
    }

    /// <summary>The position in <see cref="Span"/> of the largest element, the first of equals. NaN is smaller than any number.</summary>
    /// <exception cref="InvalidOperationException">There are no elements.</exception>
    public int ArgMax()
    {
        if (_elements.Length == 0)
        {
            throw new InvalidOperationException($"{this} has no largest element.");
        }

        return PredictionTensorScores.ArgMax<T>(_elements);
    }

    /// <summary>A copy of the elements.</summary>
    public T[] ToArray() => [.. _elements];

    /// <inheritdoc/>
    public override string ToString() => ElementTypes.Of<T>().Name() + TensorShape.Text(_shape);
}
