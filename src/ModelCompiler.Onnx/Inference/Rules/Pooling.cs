namespace ModelCompiler.Onnx.Inference.Rules;

/// <summary>Poolings over [N, C, D1, …, Dn].</summary>
internal static class Pooling
{
    public static void Register(RuleTable rules)
    {
        rules.Onnx(c => Pool(c), "AveragePool", "LpPool", "MaxPool");
        rules.Onnx(c => GlobalPool(c), "GlobalAveragePool", "GlobalLpPool", "GlobalMaxPool");
        rules.Onnx(MaxUnpool, "MaxUnpool");
        rules.Onnx(c => RegionPool(c, 1, c.Ints("pooled_shape")), "MaxRoiPool");
        rules.Onnx(c => RegionPool(c, 1, [c.Int("output_height", 1), c.Int("output_width", 1)]), "RoiAlign");
    }

    /// <summary>A window slid over the axes behind the channels; MaxPool's second output holds indices.</summary>
    public static void Pool(InferenceContext context, bool isChannelsLast = false)
    {
        Shape? shape = context.Shape(0);
        if (shape is { Rank: >= 2 })
        {
            Window? window = Window.Read(context, shape.Rank - 2, null, context.Ints("pads"));
            Dim[] dims = shape.Dims.ToArray();
            int first = isChannelsLast ? 1 : 2;
            for (int i = 0; i < dims.Length - 2; i++) dims[first + i] = window?.OutputSize(shape[first + i], i) ?? Dim.Unknown;
            shape = new Shape(dims);
        }
        context.Set(0, context.Element(0), shape);
        context.Set(1, ElementType.Int64, shape);
    }

    /// <summary>[N, C, 1, …, 1].</summary>
    public static void GlobalPool(InferenceContext context, bool isChannelsLast = false)
    {
        Shape? shape = context.Shape(0);
        if (shape is { Rank: >= 2 })
        {
            Dim[] dims = shape.Dims.ToArray();
            dims.AsSpan(isChannelsLast ? 1 : 2, shape.Rank - 2).Fill(1);
            shape = new Shape(dims);
        }
        context.Set(0, context.Element(0), shape);
    }

    private static void MaxUnpool(InferenceContext context)
    {
        if (context.HasInput(2))
        {
            context.Set(0, context.Element(0), Reshaping.ShapeFromElements(context, 2));
            return;
        }
        Shape? shape = context.Shape(0);
        if (shape is { Rank: >= 2 } && Window.Read(context, shape.Rank - 2, null, context.Ints("pads")) is { } window)
        {
            Dim[] dims = shape.Dims.ToArray();
            for (int i = 2; i < dims.Length; i++) dims[i] = window.TransposedSize(shape[i], i - 2, 0);
            shape = new Shape(dims);
        }
        context.Set(0, context.Element(0), shape);
    }

    /// <summary>[regions, C, height, width] for regions [regions, 4 or 5].</summary>
    private static void RegionPool(InferenceContext context, int regions, long[]? size)
    {
        if (size is not [var height, var width])
        {
            context.Set(0, context.Element(0), Shape.OfRank(4));
            return;
        }
        context.Set(0, context.Element(0), new Shape(context.Dimension(regions, 0), context.Dimension(0, 1), Dim.Of((IntegerExpression)height), Dim.Of((IntegerExpression)width)));
    }
}
