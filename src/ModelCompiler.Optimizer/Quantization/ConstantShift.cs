using ModelCompiler.Onnx;

namespace ModelCompiler.Optimizer.Quantization;

/// <summary>
/// An addition of one number: s · (q − z) + b = s · (q − (z − b / s)), so that the integers stay and the zero point takes it, without another
/// rounding. It needs b to be a whole number of steps, and both zeros to have an integer: the step of what is added to is widened for that.
/// </summary>
internal static class ConstantShift
{
    /// <summary>How much wider a step may become: a kernel that adds would round once more, which adds up to √2.</summary>
    private const float LargestGrowth = 1.3f;

    /// <summary>How far from a whole number of steps is rounding of floats.</summary>
    private const double Tolerance = 1e-3;

    /// <summary>The number that a node adds; null where it does something else.</summary>
    public static float? Of(Node node) => node.Is("Add") ? Number(node.Constant(1)) ?? Number(node.Constant(0)) : null;

    /// <summary>What is added, in the plan, to a value or a multiple of it, divided by that multiple.</summary>
    public static IReadOnlyList<float> Behind(Value value, QuantizationPlan plan)
    {
        var shifts = new List<float>();
        Collect(value, 1);
        return shifts;

        void Collect(Value from, float factor)
        {
            foreach (Use use in from.Uses)
            {
                if (plan.FormOf(use.Node) == Targets.IntegerForm.Scaling) Collect(use.Node.Outputs[0], factor * ConstantFactor.Of(use.Node)!.Value);
                else if (plan.FormOf(use.Node) == Targets.IntegerForm.Arithmetic && Of(use.Node) is { } shift) shifts.Add(shift / factor);
            }
        }
    }

    /// <summary>The map for a range that one of the shifts can be taken into; the plain one where that would widen the step too much.</summary>
    public static QuantizationParameters Fit(ValueRange range, IEnumerable<float> shifts, ElementType type)
    {
        QuantizationParameters plain = QuantizationParameters.Asymmetric(range, type);
        foreach (float shift in shifts)
            if (Fit(range, shift, plain) is { } fitted) return fitted;
        return plain;
    }

    /// <summary>The map of the same integers after a shift; null where it is no whole number of steps, or zero has no integer.</summary>
    public static QuantizationParameters? Apply(QuantizationParameters parameters, float shift)
    {
        double steps = (double)shift / parameters.Scale, whole = Math.Round(steps), zeroPoint = parameters.ZeroPoint - whole;
        if (Math.Abs(steps - whole) > Tolerance || zeroPoint < parameters.Min || zeroPoint > parameters.Max) return null;
        return parameters with { ZeroPoint = (int)zeroPoint };
    }

    private static QuantizationParameters? Fit(ValueRange range, float shift, QuantizationParameters plain)
    {
        double min = Math.Min(Math.Min(range.Min, 0), -shift), max = Math.Max(Math.Max(range.Max, 0), -shift);
        double steps = Math.Floor(Math.Abs(shift) / ((max - min) / 255));
        if (!(steps >= 1)) return null;
        double scale = Math.Abs(shift) / steps;
        if (scale > LargestGrowth * plain.Scale) return null;
        int taken = shift > 0 ? (int)steps : -(int)steps;
        double zeroPoint = Math.Clamp(Math.Round(plain.Min - min / scale), plain.Min + Math.Max(taken, 0), plain.Max + Math.Min(taken, 0));
        return new QuantizationParameters((float)scale, (int)zeroPoint, plain.Type);
    }

    private static float? Number(Tensor? constant)
    {
        // A constant of more dimensions than the data would give the result more.
        if (constant is not { ElementType: ElementType.Float, ElementCount: 1, Rank: <= 1 }) return null;
        float number = constant.AsSpan<float>()[0];
        return float.IsFinite(number) && number != 0 ? number : null;
    }
}
