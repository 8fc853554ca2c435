using ModelCompiler.Runtime;

namespace ModelCompiler.Optimizer.Measurement;

/// <summary>
/// When two answers are the same: |a − b| ≤ <paramref name="Absolute"/> + <paramref name="Relative"/>·|a| for every number, a the reference. NaN is the
/// same as NaN, an infinity as itself.
/// </summary>
public sealed record OutputTolerance(double Relative, double Absolute)
{
    private const int Chunk = 1024;

    /// <summary>The rounding of float32 sums that are taken in another order.</summary>
    public static OutputTolerance Float32 { get; } = new(1e-5, 1e-6);

    /// <summary>Whether all outputs of both are there and the same.</summary>
    public bool Agree(IReadOnlyList<(string Name, TensorBuffer Value)> reference, IReadOnlyList<(string Name, TensorBuffer Value)> other)
    {
        if (reference.Count != other.Count) return false;
        var byName = other.ToDictionary(output => output.Name, output => output.Value, StringComparer.Ordinal);
        return reference.All(output => byName.TryGetValue(output.Name, out TensorBuffer? value) && Agree(output.Value, value));
    }

    /// <summary>Whether two tensors have the same type and shape, and the same numbers.</summary>
    public bool Agree(TensorBuffer reference, TensorBuffer other)
    {
        if (reference.ElementType != other.ElementType || !reference.Shape.SequenceEqual(other.Shape)) return false;
        if (reference.ElementType == TensorElementType.String) return reference.Strings.AsSpan().SequenceEqual(other.Strings);
        Span<double> a = stackalloc double[Chunk], b = stackalloc double[Chunk];
        int count = TensorValues.Count(reference);
        for (int start = 0; start < count; start += Chunk)
        {
            int length = Math.Min(Chunk, count - start);
            TensorValues.CopyTo(reference, start, a[..length]);
            TensorValues.CopyTo(other, start, b[..length]);
            for (int i = 0; i < length; i++)
                if (!Agree(a[i], b[i])) return false;
        }
        return true;
    }

    // Equals takes NaN as NaN and an infinity as itself; no tolerance leads to another one.
    private bool Agree(double a, double b) => a.Equals(b) || (double.IsFinite(a) && Math.Abs(a - b) <= Absolute + (Relative * Math.Abs(a)));
}
