using System.Collections;

namespace ModelCompiler.Onnx;

/// <summary>The dimensions of a tensor whose rank is known; rank 0 is a scalar. A tensor of unknown rank has no shape (null).</summary>
public sealed class Shape : IReadOnlyList<Dim>, IEquatable<Shape>
{
    private readonly Dim[] _dims;

    /// <summary>A shape of the given dimensions.</summary>
    public Shape(params ReadOnlySpan<Dim> dims) => _dims = dims.ToArray();

    /// <summary>The shape of a scalar.</summary>
    public static Shape Scalar { get; } = new();

    /// <summary>A shape of numbers.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A dimension is negative.</exception>
    public static Shape Of(params ReadOnlySpan<long> dims)
    {
        var result = new Dim[dims.Length];
        for (int i = 0; i < dims.Length; i++) result[i] = Dim.Of(dims[i]);
        return new Shape(result);
    }

    /// <summary>A shape of <paramref name="rank"/> unknown dimensions.</summary>
    public static Shape OfRank(int rank) => new(new Dim[rank]);

    /// <summary>The number of dimensions.</summary>
    public int Rank => _dims.Length;

    /// <inheritdoc/>
    public int Count => _dims.Length;

    /// <inheritdoc/>
    public Dim this[int index] => _dims[index];

    /// <summary>The dimensions.</summary>
    public ReadOnlySpan<Dim> Dims => _dims;

    /// <summary>Whether every dimension is a number.</summary>
    public bool IsStatic
    {
        get
        {
            foreach (Dim dim in _dims)
                if (!dim.IsKnown) return false;
            return true;
        }
    }

    /// <summary>The number of elements, or null where a dimension is not a number.</summary>
    /// <exception cref="OverflowException">The product does not fit in a <see cref="long"/>.</exception>
    public long? ElementCount
    {
        get
        {
            long count = 1;
            bool isStatic = true;
            foreach (Dim dim in _dims)
            {
                if (dim.ValueOrNull is not { } value) isStatic = false;
                else if (value == 0) return 0;
                else if (isStatic) count = checked(count * value);
            }
            return isStatic ? count : null;
        }
    }

    /// <summary>The dimensions as numbers.</summary>
    /// <exception cref="InvalidOperationException">A dimension is not a number.</exception>
    public long[] ToArray() => Array.ConvertAll(_dims, d => d.Value);

    /// <summary>A copy with one dimension replaced.</summary>
    public Shape With(int index, Dim dim)
    {
        var dims = (Dim[])_dims.Clone();
        dims[index] = dim;
        return new Shape(dims);
    }

    /// <summary>Whether one tensor can have both shapes.</summary>
    public bool IsCompatible(Shape other)
    {
        if (other.Rank != Rank) return false;
        for (int i = 0; i < _dims.Length; i++)
            if (!_dims[i].IsCompatible(other._dims[i])) return false;
        return true;
    }

    /// <inheritdoc/>
    public bool Equals(Shape? other) => other is not null && _dims.AsSpan().SequenceEqual(other._dims);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Shape);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (Dim dim in _dims) hash.Add(dim);
        return hash.ToHashCode();
    }

    /// <inheritdoc/>
    public override string ToString() => "[" + string.Join(",", _dims) + "]";

    /// <inheritdoc/>
    public IEnumerator<Dim> GetEnumerator() => ((IEnumerable<Dim>)_dims).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => _dims.GetEnumerator();
}
