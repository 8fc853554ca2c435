namespace ModelCompiler.Onnx.Inference.Rules;

/// <summary>Slice: starts, ends, axes and steps are attributes up to opset 9, inputs after.</summary>
internal static class Slicing
{
    // Exporters write these for "to the end"; no dimension is as large.
    private const long Far = int.MaxValue;

    public static void Register(RuleTable rules) => rules.Onnx(Slice, "Slice");

    private static void Slice(InferenceContext context)
    {
        if (context.Shape(0) is not { } shape)
        {
            context.Set(0, context.Element(0), null);
            return;
        }
        bool hasInputs = context.OpsetVersion >= 10;
        IntegerExpression[]? starts = hasInputs ? context.Elements(1) : Expressions(context.Ints("starts"));
        IntegerExpression[]? ends = hasInputs ? context.Elements(2) : Expressions(context.Ints("ends"));
        long[]? axes = hasInputs ? context.Numbers(3) : context.Ints("axes");
        IntegerExpression[]? steps = hasInputs ? context.Elements(4) : null;
        bool isComputedAxes = hasInputs && axes is null && context.HasInput(3);
        int? count = starts?.Length ?? ends?.Length ?? axes?.Length ?? (int?)context.Dimension(1, 0).ValueOrNull;
        if (isComputedAxes || count is null)
        {
            context.Because("the axes of the slice are computed at run time");
            context.Set(0, context.Element(0), Shape.OfRank(shape.Rank));
            return;
        }
        Dim[] dims = shape.Dims.ToArray();
        for (int i = 0; i < count; i++)
        {
            if (ShapeMath.Axis(axes is null ? i : i < axes.Length ? axes[i] : long.MaxValue, shape.Rank) is not { } axis)
            {
                context.Contradiction($"an axis of the slice is out of range for rank {shape.Rank}");
                continue;
            }
            IntegerExpression step = context.HasInput(4) && hasInputs ? At(steps, i) : 1;
            dims[axis] = Dim.Of(Length(shape[axis].Size, At(starts, i), At(ends, i), step));
            if (dims[axis].Size.IsUnknown) context.Because("the bounds of the slice are computed at run time");
        }
        context.Set(0, context.Element(0), new Shape(dims));
        if (shape.Rank == 1 && count == 1) Follow(context, At(starts, 0), At(ends, 0), context.HasInput(4) && hasInputs ? At(steps, 0) : 1);
    }

    private static IntegerExpression At(IntegerExpression[]? values, int index) => values is not null && index < values.Length ? values[index] : IntegerExpression.Unknown;

    private static IntegerExpression[]? Expressions(long[]? values) => values is null ? null : Array.ConvertAll(values, x => (IntegerExpression)x);

    /// <summary>max(0, ⌈(end − start) / step⌉), with the bounds counted from the end where they are negative, and clamped (ONNX, Slice).</summary>
    public static IntegerExpression Length(IntegerExpression size, IntegerExpression start, IntegerExpression end, IntegerExpression step)
    {
        if (step.ValueOrNull is not { } stride || stride is 0 or long.MinValue) return IntegerExpression.Unknown;
        if (size.ValueOrNull == 0) return 0;
        IntegerExpression from, to;
        if (stride > 0)
        {
            from = Clamp(start, size, 0, size);
            to = Clamp(end, size, 0, size);
        }
        else
        {
            from = Clamp(start, size, 0, size - 1);
            to = Clamp(end, size, -1, size - 1);
        }
        IntegerExpression span = stride > 0 ? to - from : from - to;
        return ExpressionMath.Max(ExpressionMath.CeilingDivide(span, Math.Abs(stride)), 0);
    }

    private static IntegerExpression Clamp(IntegerExpression bound, IntegerExpression size, IntegerExpression low, IntegerExpression high)
    {
        if (bound.ValueOrNull >= Far) return high;
        if (bound.ValueOrNull <= -Far) return low;
        if (ExpressionMath.IsAtLeast(-1, bound)) bound += size;
        else if (!ExpressionMath.IsAtLeast(bound, 0)) return IntegerExpression.Unknown;
        return ExpressionMath.Min(ExpressionMath.Max(bound, low), high);
    }

    private static void Follow(InferenceContext context, IntegerExpression start, IntegerExpression end, IntegerExpression step)
    {
        if (context.Elements(0) is not { } elements || step.ValueOrNull is not { } stride) return;
        if (Length(elements.Length, start, end, step).ValueOrNull is not { } count || count > elements.Length) return;
        IntegerExpression from = stride > 0 ? Clamp(start, elements.Length, 0, elements.Length) : Clamp(start, elements.Length, 0, elements.Length - 1);
        if (from.ValueOrNull is not { } first) return;
        var result = new IntegerExpression[count];
        for (int i = 0; i < count; i++) result[i] = elements[first + i * stride];
        context.SetElements(0, result);
    }
}
