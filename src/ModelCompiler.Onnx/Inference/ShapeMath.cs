namespace ModelCompiler.Onnx.Inference;

/// <summary>Arithmetic on shapes that several rules share.</summary>
internal static class ShapeMath
{
    /// <summary>The number of elements; unknown where a dimension is.</summary>
    public static IntegerExpression Product(ReadOnlySpan<Dim> dims)
    {
        IntegerExpression product = 1;
        foreach (Dim dim in dims) product *= dim.Size;
        return product;
    }

    /// <summary>The axis counted from the front, or null where there is no such axis.</summary>
    public static int? Axis(long axis, int rank)
    {
        long position = axis < 0 ? axis + rank : axis;
        return position >= 0 && position < rank ? (int)position : null;
    }

    /// <summary>Which axes are meant, as a mask over the axes; null where one of them does not exist.</summary>
    public static bool[]? AxisMask(ReadOnlySpan<long> axes, int rank)
    {
        var mask = new bool[rank];
        foreach (long axis in axes)
        {
            if (Axis(axis, rank) is not { } position) return null;
            mask[position] = true;
        }
        return mask;
    }

    /// <summary>The shape that numpy's broadcasting makes of two, or null where a rank is unknown.</summary>
    public static Shape? Broadcast(InferenceContext context, Shape? left, Shape? right)
    {
        if (left is null || right is null) return null;
        if (ReferenceEquals(left, right) || right.Rank == 0) return left;
        if (left.Rank == 0) return right;
        Shape longer = left.Rank >= right.Rank ? left : right;
        Shape shorter = left.Rank >= right.Rank ? right : left;
        int offset = longer.Rank - shorter.Rank;
        Dim[]? dims = null;
        for (int i = 0; i < shorter.Rank; i++)
        {
            Dim dim = Broadcast(context, longer[offset + i], shorter[i]);
            if (dim == longer[offset + i]) continue;
            dims ??= longer.Dims.ToArray();
            dims[offset + i] = dim;
        }
        return dims is null ? longer : new Shape(dims);
    }

    /// <summary>The size that broadcasting makes of two.</summary>
    public static Dim Broadcast(InferenceContext context, Dim left, Dim right)
    {
        if (left.IsSame(right) || right.ValueOrNull == 1) return left;
        if (left.ValueOrNull == 1) return right;
        if (left.IsKnown && right.IsKnown)
        {
            context.Contradiction($"dimensions {left} and {right} do not broadcast");
            return Dim.Unknown;
        }
        // A number other than 1 decides: the other side is the same or 1.
        if (left.IsKnown) return left;
        if (right.IsKnown) return right;
        if (IsBoundedBy(left, right)) return right;
        if (IsBoundedBy(right, left)) return left;
        context.Because($"dimensions {left} and {right} broadcast, and either may be 1");
        return Dim.Unknown;
    }

    // min(n, c) against n, as where a table of c rows was sliced to n: for any n that runs both are n, or n is 1. It is n − max(n − c, 0).
    private static bool IsBoundedBy(Dim dim, Dim other) =>
        (other.Size - dim.Size).Polynomial is { Terms: [{ Coefficient: 1, Factors: [{ Kind: AtomKind.PositivePart } excess] }] }
        && (other.Size - excess.Left).ValueOrNull is > 1;
}
