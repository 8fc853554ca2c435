namespace ModelCompiler.Onnx.Inference.Rules;

/// <summary>Operators that pick elements by index, or put them.</summary>
internal static class Indexing
{
    public static void Register(RuleTable rules)
    {
        rules.Onnx(Gather, "Gather");
        rules.Onnx(c => c.Set(0, c.Element(0), c.Shape(1)), "GatherElements");
        rules.Onnx(GatherND, "GatherND");
        rules.Onnx(Elementwise.SameAsInput, "Scatter", "ScatterElements", "ScatterND", "TensorScatter", "ReverseSequence");
        rules.Onnx(Compress, "Compress");
        rules.Onnx(NonZero, "NonZero");
        rules.Onnx(Unique, "Unique");
        rules.Onnx(OneHot, "OneHot");
        rules.Onnx(NonMaxSuppression, "NonMaxSuppression");
    }

    /// <summary>The axis of the data gives way to the axes of the indices.</summary>
    public static void Gather(InferenceContext context)
    {
        Shape? data = context.Shape(0);
        Shape? indices = context.Shape(1);
        Shape? result = null;
        if (data is not null && ShapeMath.Axis(context.Int("axis", 0), data.Rank) is { } axis)
        {
            if (indices is not null) result = new Shape([.. data.Dims[..axis], .. indices.Dims, .. data.Dims[(axis + 1)..]]);
        }
        else if (data is not null)
        {
            context.Contradiction($"axis {context.Int("axis", 0)} is out of range for rank {data.Rank}");
        }
        context.Set(0, context.Element(0), result);
        if (data is { Rank: > 0 } && ShapeMath.Axis(context.Int("axis", 0), data.Rank) == 0) FollowGather(context, data);
    }

    /// <summary>Rows of the first axis.</summary>
    private static void FollowGather(InferenceContext context, Shape data)
    {
        if (context.Elements(0) is not { Length: > 0 } elements || context.Elements(1) is not { } indices || data[0].ValueOrNull is not { } rows || rows <= 0) return;
        int length = elements.Length / (int)rows;
        if (indices.Length * length > TensorElements.MaxCount) return;
        var result = new IntegerExpression[indices.Length * length];
        for (int i = 0; i < indices.Length; i++)
        {
            if (indices[i].ValueOrNull is { } index && ShapeMath.Axis(index, (int)rows) is { } row)
                Array.Copy(elements, row * length, result, i * length, length);
        }
        context.SetElements(0, result);
    }

    /// <summary>[indices' axes but the last, data's axes behind those that the last axis of the indices names].</summary>
    public static void GatherND(InferenceContext context)
    {
        Shape? result = null;
        if (context.Shape(0) is { } data && context.Shape(1) is { Rank: > 0 } indices && indices[indices.Rank - 1].ValueOrNull is { } depth)
        {
            long start = context.Int("batch_dims", 0) + depth;
            if (start >= 0 && start <= data.Rank) result = new Shape([.. indices.Dims[..^1], .. data.Dims[(int)start..]]);
            else context.Contradiction($"indices of depth {depth} are too deep for data of rank {data.Rank}");
        }
        context.Set(0, context.Element(0), result);
    }

    private static void Compress(InferenceContext context)
    {
        Dim count = context.Numbers(1) is { } condition ? Dim.Of(condition.Count(x => x != 0)) : Dim.Unknown;
        if (!count.IsKnown) context.Because("the number of chosen elements depends on the data");
        Shape? result = context.Attribute("axis") is null ? new Shape(count)
            : context.Shape(0) is { } shape && ShapeMath.Axis(context.Int("axis", 0), shape.Rank) is { } axis ? shape.With(axis, count) : null;
        context.Set(0, context.Element(0), result);
    }

    private static void NonZero(InferenceContext context)
    {
        Dim count = context.Numbers(0) is { } elements ? Dim.Of(elements.Count(x => x != 0)) : Dim.Unknown;
        if (!count.IsKnown) context.Because("the number of non-zero elements depends on the data");
        // A scalar counts as one dimension.
        Dim rank = context.Shape(0) is { } shape ? Dim.Of(Math.Max(1, shape.Rank)) : Dim.Unknown;
        context.Set(0, ElementType.Int64, new Shape(rank, count));
    }

    private static void Unique(InferenceContext context)
    {
        Dim count = context.Fresh("the number of distinct elements depends on the data");
        Shape? result = context.Attribute("axis") is null ? new Shape(count)
            : context.Shape(0) is { } shape && ShapeMath.Axis(context.Int("axis", 0), shape.Rank) is { } axis ? shape.With(axis, count) : null;
        Dim total = context.Attribute("axis") is not null ? context.Dimension(0, (int)Math.Clamp(context.Int("axis", 0), -InferenceContext.MaxRank, InferenceContext.MaxRank))
            : context.Shape(0) is { } all ? Dim.Of(ShapeMath.Product(all.Dims)) : Dim.Unknown;
        context.Set(0, context.Element(0), result);
        context.Set(1, ElementType.Int64, new Shape(count));
        context.Set(2, ElementType.Int64, new Shape(total));
        context.Set(3, ElementType.Int64, new Shape(count));
    }

    private static void OneHot(InferenceContext context)
    {
        Shape? result = null;
        if (context.Shape(0) is { } indices && ShapeMath.Axis(context.Int("axis", -1), indices.Rank + 1) is { } axis)
        {
            Dim depth = context.Elements(1) is [var element] ? Dim.Of(element) : Dim.Unknown;
            if (depth.Size.IsUnknown) context.Because("the depth of OneHot is computed at run time");
            result = new Shape([.. indices.Dims[..axis], depth, .. indices.Dims[axis..]]);
        }
        context.Set(0, context.Element(2), result);
    }

    private static void NonMaxSuppression(InferenceContext context)
    {
        context.Because("the number of selected boxes depends on the data");
        context.Set(0, ElementType.Int64, new Shape(Dim.Unknown, 3));
    }
}
