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
        _ = new TensorView<T>(elements, shape);
        _elements = elements;
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

    /// <summary>The same tensor, as methods take it that read any.</summary>
    public TensorView<T> View => new(_elements, _shape, Labels, isChecked: true);

    /// <inheritdoc cref="TensorView{T}.this"/>
    public T this[params ReadOnlySpan<int> indices] => View[indices];

    /// <inheritdoc cref="TensorView{T}.ArgMax()"/>
    public int ArgMax() => View.ArgMax();

    /// <inheritdoc cref="TensorView{T}.ArgMax(int)"/>
    public int ArgMax(int row) => View.ArgMax(row);

    /// <inheritdoc cref="TensorView{T}.Row"/>
    public ReadOnlySpan<T> Row(int row) => View.Row(row);

    /// <inheritdoc cref="TensorView{T}.Top"/>
    public ClassScore<T>[] Top(int count, int row = 0) => View.Top(count, row);

    /// <inheritdoc cref="TensorView{T}.Label"/>
    public string Label(int row = 0) => View.Label(row);

    /// <inheritdoc cref="TensorView{T}.ToArray"/>
    public T[] ToArray() => [.. _elements];

    /// <inheritdoc cref="TensorView{T}.ToString"/>
    public override string ToString() => View.ToString();
}
