using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace ModelCompiler.Runtime;

/// <summary>
/// A small output of a fixed shape, which holds its elements itself: a prediction then allocates nothing, and what it gave never changes. Elements are
/// in row-major order.
/// </summary>
/// <typeparam name="T">The .NET type of the elements.</typeparam>
/// <typeparam name="TElements">Room for the elements, with their shape; generated for each output.</typeparam>
[DebuggerDisplay("{ToString(),nq}")]
[DebuggerTypeProxy(typeof(InlineTensor<,>.Elements))]
public readonly struct InlineTensor<T, TElements> : IEquatable<InlineTensor<T, TElements>>
    where T : unmanaged
    where TElements : unmanaged, IInlineElements
{
    private readonly TElements _elements;

    /// <exception cref="ArgumentException">The shape has another number of elements.</exception>
    public InlineTensor(ReadOnlySpan<T> elements)
    {
        if (elements.Length != Length)
        {
            throw new ArgumentException($"The shape {TensorShape.Text(Shape)} has another number of elements than {elements.Length}.", nameof(elements));
        }

        elements.CopyTo(Room(ref _elements));
    }

    /// <summary>The elements.</summary>
    [UnscopedRef]
    public ReadOnlySpan<T> Span => Room(ref Unsafe.AsRef(in _elements));

    /// <summary>The dimensions; empty for rank 0.</summary>
    public ReadOnlySpan<long> Shape => TElements.Shape;

    /// <summary>The names of the classes along the last dimension, where the model has them.</summary>
    public IReadOnlyList<string>? Labels => TElements.Labels;

    /// <summary>The number of elements.</summary>
    public int Length => Unsafe.SizeOf<TElements>() / Unsafe.SizeOf<T>();

    /// <summary>The same tensor, as methods take it that read any; valid as long as the value that holds it.</summary>
    [UnscopedRef]
    public TensorView<T> View => new(Span, Shape, Labels, isChecked: true);

    /// <inheritdoc cref="TensorView{T}.this"/>
    public T this[params ReadOnlySpan<int> indices] => View[indices];

    /// <inheritdoc cref="TensorView{T}.ArgMax()"/>
    public int ArgMax() => View.ArgMax();

    /// <inheritdoc cref="TensorView{T}.ArgMax(int)"/>
    public int ArgMax(int row) => View.ArgMax(row);

    /// <inheritdoc cref="TensorView{T}.Row"/>
    [UnscopedRef]
    public ReadOnlySpan<T> Row(int row) => View.Row(row);

    /// <inheritdoc cref="TensorView{T}.Top"/>
    public ClassScore<T>[] Top(int count, int row = 0) => View.Top(count, row);

    /// <inheritdoc cref="TensorView{T}.Label"/>
    public string Label(int row = 0) => View.Label(row);

    /// <inheritdoc cref="TensorView{T}.ToArray"/>
    public T[] ToArray() => Span.ToArray();

    /// <inheritdoc/>
    public bool Equals(InlineTensor<T, TElements> other) => MemoryMarshal.AsBytes(Span).SequenceEqual(MemoryMarshal.AsBytes(other.Span));

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is InlineTensor<T, TElements> other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = default(HashCode);
        hash.AddBytes(MemoryMarshal.AsBytes(Span));
        return hash.ToHashCode();
    }

    /// <inheritdoc cref="TensorView{T}.ToString"/>
    public override string ToString() => View.ToString();

    /// <summary>Whether both hold the same bits.</summary>
    public static bool operator ==(InlineTensor<T, TElements> left, InlineTensor<T, TElements> right) => left.Equals(right);

    /// <summary>Whether they hold other bits.</summary>
    public static bool operator !=(InlineTensor<T, TElements> left, InlineTensor<T, TElements> right) => !left.Equals(right);

    private static Span<T> Room(ref TElements elements) =>
        MemoryMarshal.CreateSpan(ref Unsafe.As<TElements, T>(ref elements), Unsafe.SizeOf<TElements>() / Unsafe.SizeOf<T>());

    /// <summary>What a debugger shows.</summary>
    private sealed class Elements(InlineTensor<T, TElements> tensor)
    {
        [DebuggerBrowsable(DebuggerBrowsableState.RootHidden)]
        public T[] Items => tensor.ToArray();
    }
}
