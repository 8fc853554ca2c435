namespace ModelCompiler.Onnx.Inference.Rules;

/// <summary>Slice: starts, ends, axes and steps are attributes up to opset 9, inputs after.</summary>
internal static class Slicing
{
    // Exporters write these for "to the end"; no dimension is as large.
    private const long Far = int.MaxValue;

    public static void Register(RuleTable rules) => rules.Onnx(Slice, "Slice");

    /// <summary>The slice of one axis: the first index and the step between indices.</summary>
    private readonly record struct AxisSlice(IntegerExpression First, IntegerExpression Step);

    private static void Slice(InferenceContext context)
    {
        Shape? shape = context.Shape(0);
        if (shape is null)
        {
            context.Set(0, context.Element(0), null);
            return;
        }
        Dim[] dims = shape.Dims.ToArray();
        var slices = new AxisSlice[shape.Rank];
        Array.Fill(slices, new AxisSlice(0, 1));
        if (!Cut(context, shape, dims, slices))
        {
            context.Because("the axes of the slice are computed at run time");
            context.Set(0, context.Element(0), Shape.OfRank(shape.Rank));
            return;
        }
        context.Set(0, context.Element(0), new Shape(dims));
        Follow(context, shape, slices, dims);
    }

    /// <summary>Narrows the axes that are sliced; false where it is not known which these are.</summary>
    private static bool Cut(InferenceContext context, Shape shape, Dim[] dims, AxisSlice[] slices)
    {
        bool hasInputs = context.OpsetVersion >= 10;
        IntegerExpression[]? starts = hasInputs ? context.Elements(1) : Expressions(context.Ints("starts"));
        IntegerExpression[]? ends = hasInputs ? context.Elements(2) : Expressions(context.Ints("ends"));
        long[]? axes = hasInputs ? context.Numbers(3) : context.Ints("axes");
        bool hasSteps = hasInputs && context.HasInput(4);
        IntegerExpression[]? steps = hasSteps ? context.Elements(4) : null;
        int? count = starts?.Length ?? ends?.Length ?? axes?.Length ?? (int?)context.Dimension(1, 0).ValueOrNull;
        if (count is null || hasInputs && axes is null && context.HasInput(3)) return false;
        for (int i = 0; i < Math.Min(count.Value, shape.Rank); i++)
        {
            if (ShapeMath.Axis(axes is null ? i : i < axes.Length ? axes[i] : long.MaxValue, shape.Rank) is not { } axis)
            {
                context.Contradiction($"an axis of the slice is out of range for rank {shape.Rank}");
                continue;
            }
            IntegerExpression step = hasSteps ? At(steps, i) : 1;
            IntegerExpression size = shape[axis].Size;
            dims[axis] = Dim.Of(Length(size, At(starts, i), At(ends, i), step));
            slices[axis] = new AxisSlice(First(size, At(starts, i), step), step);
            if (dims[axis].Size.IsUnknown) context.Because("the bounds of the slice are computed at run time");
        }
        return true;
    }

    private static IntegerExpression At(IntegerExpression[]? values, int index) => values is not null && index < values.Length ? values[index] : IntegerExpression.Unknown;

    private static IntegerExpression[]? Expressions(long[]? values) => values is null ? null : Array.ConvertAll(values, x => (IntegerExpression)x);

    /// <summary>max(0, ⌈(end − start) / step⌉), with the bounds counted from the end where they are negative, and clamped (ONNX, Slice).</summary>
    private static IntegerExpression Length(IntegerExpression size, IntegerExpression start, IntegerExpression end, IntegerExpression step)
    {
        if (step.ValueOrNull is not { } stride || stride is 0 or long.MinValue) return IntegerExpression.Unknown;
        if (size.ValueOrNull == 0) return 0;
        IntegerExpression from = First(size, start, step);
        IntegerExpression to = stride > 0 ? Clamp(end, size, 0, size) : Clamp(end, size, -1, size - 1);
        IntegerExpression span = stride > 0 ? to - from : from - to;
        return ExpressionMath.Max(ExpressionMath.CeilingDivide(span, Math.Abs(stride)), 0);
    }

    private static IntegerExpression First(IntegerExpression size, IntegerExpression start, IntegerExpression step) =>
        step.ValueOrNull is not { } stride ? IntegerExpression.Unknown : Clamp(start, size, 0, stride > 0 ? size : size - 1);

    private static IntegerExpression Clamp(IntegerExpression bound, IntegerExpression size, IntegerExpression low, IntegerExpression high)
    {
        if (bound.ValueOrNull >= Far) return high;
        if (bound.ValueOrNull <= -Far) return low;
        if (ExpressionMath.IsAtLeast(-1, bound)) bound += size;
        else if (!ExpressionMath.IsAtLeast(bound, 0)) return IntegerExpression.Unknown;
        return ExpressionMath.Min(ExpressionMath.Max(bound, low), high);
    }

    private static void Follow(InferenceContext context, Shape shape, AxisSlice[] slices, Dim[] dims)
    {
        if (context.Elements(0) is not { } elements || !shape.IsStatic || Array.Exists(dims, d => !d.IsKnown)) return;
        long[] strides = ElementView.Strides(shape);
        long offset = 0;
        for (int i = 0; i < strides.Length; i++)
        {
            // An axis of one element may have any step.
            if (slices[i].First.ValueOrNull is not { } first || slices[i].Step.ValueOrNull is not { } step || Math.Abs(step) > Far) return;
            offset += first * strides[i];
            strides[i] *= step;
        }
        context.SetElements(0, ElementView.Read(elements, offset, strides, Array.ConvertAll(dims, d => d.Value)));
    }
}
