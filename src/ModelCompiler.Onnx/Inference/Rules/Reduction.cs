namespace ModelCompiler.Onnx.Inference.Rules;

/// <summary>Operators that make one element of many: sums, extrema, and their positions.</summary>
internal static class Reduction
{
    public static void Register(RuleTable rules)
    {
        rules.Onnx(c => Reduce(c), "ReduceL1", "ReduceL2", "ReduceLogSum", "ReduceLogSumExp", "ReduceMean", "ReduceSumSquare");
        rules.Onnx(c => ReduceElements(c, 1, (a, b) => a * b), "ReduceProd");
        rules.Onnx(c => ReduceElements(c, 0, (a, b) => a + b), "ReduceSum");
        rules.Onnx(c => ReduceElements(c, null, ExpressionMath.Max), "ReduceMax");
        rules.Onnx(c => ReduceElements(c, null, ExpressionMath.Min), "ReduceMin");
        rules.Onnx(Position, "ArgMax", "ArgMin");
        rules.Onnx(TopK, "TopK");
    }

    /// <summary>Axes are an attribute up to opset 17 (ReduceSum: 12), an input after; none means all, or none where noop_with_empty_axes is set.</summary>
    private static void Reduce(InferenceContext context)
    {
        if (TryReadAxes(context, out long[]? axes)) Reduce(context, axes);
        else context.Set(0, context.Element(0), context.Shape(0) is { } shape ? UnknownAxes(context, shape, context.Int("keepdims", 1) != 0) : null);
    }

    /// <summary>The shape with the axes made 1 or dropped.</summary>
    public static void Reduce(InferenceContext context, long[]? axes) =>
        context.Set(0, context.Element(0), context.Shape(0) is { } shape ? Reduced(context, shape, axes, context.Int("keepdims", 1) != 0) : null);

    private static Shape? Reduced(InferenceContext context, Shape shape, long[]? axes, bool keepsAxes)
    {
        if (axes is null or [])
        {
            if (context.Int("noop_with_empty_axes", 0) != 0) return shape;
            return Without(shape, Filled(shape.Rank), keepsAxes);
        }
        if (ShapeMath.AxisMask(axes, shape.Rank) is { } mask) return Without(shape, mask, keepsAxes);
        context.Contradiction($"an axis of [{string.Join(",", axes)}] is out of range for rank {shape.Rank}");
        return null;
    }

    private static bool TryReadAxes(InferenceContext context, out long[]? axes)
    {
        axes = context.Ints("axes");
        if (axes is not null || !context.HasInput(1)) return true;
        axes = context.Numbers(1);
        return axes is not null;
    }

    private static Shape? UnknownAxes(InferenceContext context, Shape shape, bool keepsAxes)
    {
        context.Because("the axes are computed at run time");
        if (keepsAxes) return Shape.OfRank(shape.Rank);
        return context.Dimension(1, 0).ValueOrNull is > 0 and var count && count <= shape.Rank ? Shape.OfRank(shape.Rank - (int)count) : null;
    }

    /// <summary>The shape with the marked axes made 1, or left out.</summary>
    private static Shape Without(Shape shape, bool[] mask, bool keepsAxes)
    {
        var dims = new List<Dim>(shape.Rank);
        for (int i = 0; i < shape.Rank; i++)
        {
            if (!mask[i]) dims.Add(shape[i]);
            else if (keepsAxes) dims.Add(1);
        }
        return new Shape([.. dims]);
    }

    private static void ReduceElements(InferenceContext context, IntegerExpression? initial, Func<IntegerExpression, IntegerExpression, IntegerExpression> combine)
    {
        Reduce(context);
        // Floats round along the way, in an order of the runtime's own.
        if (context.Element(0).IsFloatingPoint() || context.Elements(0) is not { } elements || context.OutputType(0) is not TensorType { Shape: { } shape }) return;
        if (ShapeMath.Product(shape.Dims).ValueOrNull != 1 || elements.Length == 0 && initial is null) return;
        IntegerExpression result = initial ?? elements[0];
        foreach (IntegerExpression element in elements) result = combine(result, element);
        context.SetElements(0, [result]);
    }

    private static void Position(InferenceContext context)
    {
        Shape? result = null;
        if (context.Shape(0) is { } shape && ShapeMath.Axis(context.Int("axis", 0), shape.Rank) is { } axis)
        {
            var mask = new bool[shape.Rank];
            mask[axis] = true;
            result = Without(shape, mask, context.Int("keepdims", 1) != 0);
        }
        context.Set(0, ElementType.Int64, result);
    }

    private static void TopK(InferenceContext context)
    {
        Shape? shape = context.Shape(0);
        if (shape is not null && ShapeMath.Axis(context.Int("axis", -1), shape.Rank) is { } axis)
        {
            // Opset 10 made k an input.
            IntegerExpression k = context.OpsetVersion < 10 ? context.Int("k", 1) : context.Elements(1) is [var element] ? element : IntegerExpression.Unknown;
            if (k.IsUnknown) context.Because("the k of TopK is computed at run time");
            shape = shape.With(axis, Dim.Of(k));
        }
        context.Set(0, context.Element(0), shape);
        context.Set(1, ElementType.Int64, shape);
    }

    private static bool[] Filled(int rank)
    {
        var mask = new bool[rank];
        Array.Fill(mask, true);
        return mask;
    }
}
