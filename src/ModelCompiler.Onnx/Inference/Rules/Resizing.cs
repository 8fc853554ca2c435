namespace ModelCompiler.Onnx.Inference.Rules;

/// <summary>Operators that make tensors larger or smaller: padding, interpolation, cropping.</summary>
internal static class Resizing
{
    public static void Register(RuleTable rules)
    {
        rules.Onnx(Pad, "Pad");
        rules.Onnx(Resize, "Resize");
        rules.Onnx(Upsample, "Upsample");
    }

    /// <summary>Each axis grows by the pads at both its ends; they are an attribute up to opset 10, an input after, for chosen axes from 18 on.</summary>
    public static void Pad(InferenceContext context)
    {
        if (context.Shape(0) is not { } shape)
        {
            context.Set(0, context.Element(0), null);
            return;
        }
        IntegerExpression[]? pads = context.Ints("pads") is { } given ? Array.ConvertAll(given, x => (IntegerExpression)x) : context.Elements(1);
        long[]? axes = context.HasInput(3) ? context.Numbers(3) : [.. Enumerable.Range(0, shape.Rank).Select(i => (long)i)];
        if (pads is null || axes is null || pads.Length != 2 * axes.Length)
        {
            context.Because("the pads are computed at run time");
            context.Set(0, context.Element(0), Shape.OfRank(shape.Rank));
            return;
        }
        Dim[] dims = shape.Dims.ToArray();
        for (int i = 0; i < axes.Length; i++)
            if (ShapeMath.Axis(axes[i], shape.Rank) is { } axis) dims[axis] = Dim.Of(shape[axis].Size + pads[i] + pads[axes.Length + i]);
        context.Set(0, context.Element(0), new Shape(dims));
    }

    private static void Upsample(InferenceContext context)
    {
        double[]? scales = context.Attribute("scales") is float[] given ? Array.ConvertAll(given, x => (double)x) : TensorElements.Floats(context.Constant(1));
        context.Set(0, context.Element(0), context.Shape(0) is { } shape ? Scaled(context, shape, scales, context.Elements(1)) : null);
    }

    /// <summary>The sizes, or ⌊size · scale⌋; before opset 11 the scales are input 1 and there are no sizes.</summary>
    private static void Resize(InferenceContext context)
    {
        int scales = context.OpsetVersion < 11 ? 1 : 2;
        Shape? result = null;
        if (context.Shape(0) is { } shape)
        {
            if (context.HasInput(3)) result = Sized(context, shape);
            else result = Scaled(context, shape, TensorElements.Floats(context.Constant(scales)), context.Elements(scales));
        }
        context.Set(0, context.Element(0), result);
    }

    /// <summary>The axes that sizes or scales are for: the attribute of opset 18, or all.</summary>
    private static int[]? Axes(InferenceContext context, Shape shape, int count)
    {
        if (context.Ints("axes") is not { } axes) return count == shape.Rank ? [.. Enumerable.Range(0, count)] : null;
        if (axes.Length != count || Array.Exists(axes, axis => ShapeMath.Axis(axis, shape.Rank) is null)) return null;
        return Array.ConvertAll(axes, axis => ShapeMath.Axis(axis, shape.Rank) ?? 0);
    }

    private static Shape Sized(InferenceContext context, Shape shape)
    {
        IntegerExpression[]? sizes = context.Elements(3);
        if (sizes is null || Axes(context, shape, sizes.Length) is not { } axes)
        {
            context.Because("the sizes are computed at run time");
            return Shape.OfRank(shape.Rank);
        }
        string policy = context.String("keep_aspect_ratio_policy", "stretch");
        if (policy != "stretch") return KeepAspectRatio(context, shape, sizes, axes, policy == "not_larger");
        Dim[] dims = shape.Dims.ToArray();
        for (int i = 0; i < axes.Length; i++) dims[axes[i]] = Dim.Of(sizes[i]);
        return new Shape(dims);
    }

    /// <summary>One scale for all axes: the smallest (or largest) that the sizes allow (ONNX, Resize 18).</summary>
    private static Shape KeepAspectRatio(InferenceContext context, Shape shape, IntegerExpression[] sizes, int[] axes, bool isNotLarger)
    {
        float[] ratios = [.. axes.Select((axis, i) => sizes[i].ValueOrNull / (float?)shape[axis].ValueOrNull ?? float.NaN)];
        bool isKnown = ratios.Length > 0 && !Array.Exists(ratios, float.IsNaN);
        if (!isKnown) context.Because("the aspect ratio depends on a dimension that is not a number");
        float scale = !isKnown ? float.NaN : isNotLarger ? ratios.Min() : ratios.Max();
        Dim[] dims = shape.Dims.ToArray();
        foreach (int axis in axes) dims[axis] = isKnown ? Floor(shape[axis].Value * scale + 0.5) : Dim.Unknown;
        return new Shape(dims);
    }

    private static Shape Scaled(InferenceContext context, Shape shape, double[]? scales, IntegerExpression[]? elements)
    {
        int count = scales?.Length ?? elements?.Length ?? 0;
        if (count == 0 || Axes(context, shape, count) is not { } axes)
        {
            context.Because("the scales are computed at run time");
            return Shape.OfRank(shape.Rank);
        }
        Dim[] dims = shape.Dims.ToArray();
        for (int i = 0; i < axes.Length; i++)
        {
            Dim size = shape[axes[i]];
            dims[axes[i]] = scales is not null ? Scaled(size, scales[i]) : Dim.Of(size.Size * elements![i]);
            if (dims[axes[i]].Size.IsUnknown) context.Because("a dimension that is not a number is scaled by a fraction");
        }
        return new Shape(dims);
    }

    /// <summary>⌊size · scale⌋ in single precision, as runtimes compute it; for a symbol where the scale or its inverse is an integer.</summary>
    private static Dim Scaled(Dim size, double scale)
    {
        if (scale == 1) return size;
        if (size.ValueOrNull is { } number) return Floor(number * (float)scale);
        if (scale > 0 && scale < int.MaxValue && Math.Floor(scale) == scale) return Dim.Of(size.Size * (long)scale);
        double inverse = 1 / scale;
        return inverse > 1 && inverse < int.MaxValue && Math.Floor(inverse) == inverse ? Dim.Of(ExpressionMath.FloorDivide(size.Size, (long)inverse)) : Dim.Unknown;
    }

    private static Dim Floor(double size) => size >= 0 && size < 1L << 53 ? Dim.Of((long)Math.Floor(size)) : Dim.Unknown;
}
