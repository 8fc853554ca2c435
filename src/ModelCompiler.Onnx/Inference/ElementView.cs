namespace ModelCompiler.Onnx.Inference;

/// <summary>Elements of a small tensor read in another order: output index (i1, …, in) reads offset + Σ ik · stride_k.</summary>
internal static class ElementView
{
    /// <summary>The elements in the order of <paramref name="dims"/>; null where there are too many, or one lies outside of the source.</summary>
    public static IntegerExpression[]? Read(IntegerExpression[] source, long offset, ReadOnlySpan<long> strides, ReadOnlySpan<long> dims)
    {
        if (Count(dims) is not { } count) return null;
        var result = new IntegerExpression[count];
        var index = new long[dims.Length];
        for (int i = 0; i < result.Length; i++)
        {
            long position = offset;
            for (int axis = 0; axis < index.Length; axis++) position += index[axis] * strides[axis];
            if (position < 0 || position >= source.Length) return null;
            result[i] = source[position];
            for (int axis = index.Length - 1; axis >= 0 && ++index[axis] == dims[axis]; axis--) index[axis] = 0;
        }
        return result;
    }

    /// <summary>The elements repeated to the shape that they broadcast to, or null.</summary>
    public static IntegerExpression[]? Broadcast(IntegerExpression[]? source, Shape? shape, Shape target)
    {
        if (source is null || shape is not { IsStatic: true } || !target.IsStatic || shape.Rank > target.Rank) return null;
        if (shape.Equals(target)) return source;
        long[] own = Strides(shape);
        var strides = new long[target.Rank];
        int offset = target.Rank - shape.Rank;
        for (int i = 0; i < shape.Rank; i++) strides[offset + i] = shape[i].Value == 1 ? 0 : own[i];
        return Read(source, 0, strides, target.ToArray());
    }

    /// <summary>How far apart in row-major order the elements of each axis are. The shape is that of elements that are there: it is small.</summary>
    public static long[] Strides(Shape shape)
    {
        var strides = new long[shape.Rank];
        long stride = 1;
        for (int i = shape.Rank - 1; i >= 0; i--)
        {
            strides[i] = stride;
            stride *= Math.Max(1, shape[i].Value);
        }
        return strides;
    }

    private static int? Count(ReadOnlySpan<long> dims)
    {
        if (dims.Contains(0)) return 0;
        long count = 1;
        foreach (long dim in dims)
        {
            if (dim < 0 || dim > TensorElements.MaxCount) return null;
            count *= dim;
            if (count > TensorElements.MaxCount) return null;
        }
        return (int)count;
    }
}
