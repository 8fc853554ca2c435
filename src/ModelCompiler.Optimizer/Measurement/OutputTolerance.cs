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
    public bool Agree(IReadOnlyList<(string Name, TensorBuffer Value)> reference, IReadOnlyList<(string Name, TensorBuffer Value)> other) =>
        Difference(reference, other) is null;

    /// <summary>Whether two tensors have the same type and shape, and the same numbers.</summary>
    public bool Agree(TensorBuffer reference, TensorBuffer other) => Difference(reference, other) is null;

    /// <summary>The first difference between two answers in words, such as "output 'y', element 3: 0.5 instead of 0.25"; null where they are the same.</summary>
    public string? Difference(IReadOnlyList<(string Name, TensorBuffer Value)> reference, IReadOnlyList<(string Name, TensorBuffer Value)> other)
    {
        var byName = other.ToDictionary(output => output.Name, output => output.Value, StringComparer.Ordinal);
        foreach ((string name, TensorBuffer expected) in reference)
        {
            if (!byName.TryGetValue(name, out TensorBuffer? actual)) return $"output '{name}' is not there";
            if (Difference(expected, actual) is { } difference) return $"output '{name}', {difference}";
        }
        return reference.Count == other.Count ? null : $"{other.Count} outputs instead of {reference.Count}";
    }

    private string? Difference(TensorBuffer reference, TensorBuffer other)
    {
        if (reference.ElementType != other.ElementType) return $"element type: {other.ElementType} instead of {reference.ElementType}";
        if (!reference.Shape.SequenceEqual(other.Shape)) return $"shape: [{string.Join(", ", other.Shape.ToArray())}] instead of [{string.Join(", ", reference.Shape.ToArray())}]";
        return reference.ElementType == TensorElementType.String ? StringDifference(reference.Strings, other.Strings) : NumberDifference(reference, other);
    }

    private static string? StringDifference(string[] reference, string[] other)
    {
        int length = reference.AsSpan().CommonPrefixLength(other);
        return length == reference.Length ? null : $"element {length}: '{other[length]}' instead of '{reference[length]}'";
    }

    private string? NumberDifference(TensorBuffer reference, TensorBuffer other)
    {
        Span<double> a = stackalloc double[Chunk], b = stackalloc double[Chunk];
        int count = TensorValues.Count(reference);
        for (int start = 0; start < count; start += Chunk)
        {
            int length = Math.Min(Chunk, count - start);
            TensorValues.CopyTo(reference, start, a[..length]);
            TensorValues.CopyTo(other, start, b[..length]);
            for (int i = 0; i < length; i++)
                if (!Agree(a[i], b[i])) return FormattableString.Invariant($"element {start + i}: {b[i]:G9} instead of {a[i]:G9}");
        }
        return null;
    }

    // Equals takes NaN as NaN and an infinity as itself; no tolerance leads to another one.
    private bool Agree(double a, double b) => a.Equals(b) || (double.IsFinite(a) && Math.Abs(a - b) <= Absolute + (Relative * Math.Abs(a)));
}
