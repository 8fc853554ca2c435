namespace ModelCompiler.Onnx.Inference.Rules;

/// <summary>Sampling, cropping and decoding of images.</summary>
internal static class Vision
{
    public static void Register(RuleTable rules)
    {
        rules.Onnx(AffineGrid, "AffineGrid");
        rules.Onnx(GridSample, "GridSample");
        rules.Onnx(CenterCropPad, "CenterCropPad");
        rules.Onnx(ColumnsToImage, "Col2Im");
        rules.Onnx(c => c.Set(0, ElementType.UInt8, new Shape(Dim.Unknown, Dim.Unknown, c.String("pixel_format", "RGB") == "Grayscale" ? 1 : 3)), "ImageDecoder");
    }

    /// <summary>Size (N, C, [D,] H, W) gives a grid [N, [D,] H, W, 2 or 3].</summary>
    private static void AffineGrid(InferenceContext context)
    {
        Shape? size = Reshaping.ShapeFromElements(context, 1);
        context.Set(0, context.Element(0), size is { Rank: >= 3 } ? new Shape([size[0], .. size.Dims[2..], size.Rank - 2]) : null);
    }

    /// <summary>[N, C, grid's axes].</summary>
    public static void GridSample(InferenceContext context)
    {
        Shape? grid = context.Shape(1);
        context.Set(0, context.Element(0), grid is { Rank: >= 3 } ? new Shape([context.Dimension(0, 0), context.Dimension(0, 1), .. grid.Dims[1..^1]]) : null);
    }

    private static void CenterCropPad(InferenceContext context)
    {
        if (context.Shape(0) is not { } shape)
        {
            context.Set(0, context.Element(0), null);
            return;
        }
        long[] axes = context.Ints("axes") ?? [.. Enumerable.Range(0, shape.Rank).Select(i => (long)i)];
        IntegerExpression[]? sizes = context.Elements(1);
        Dim[] dims = shape.Dims.ToArray();
        for (int i = 0; i < axes.Length; i++)
            if (ShapeMath.Axis(axes[i], shape.Rank) is { } axis) dims[axis] = sizes is not null && i < sizes.Length ? Dim.Of(sizes[i]) : Dim.Unknown;
        context.Set(0, context.Element(0), new Shape(dims));
    }

    /// <summary>[N, C · block, L] gives [N, C, image's axes].</summary>
    private static void ColumnsToImage(InferenceContext context)
    {
        IntegerExpression block = 1;
        foreach (IntegerExpression size in context.Elements(2) ?? [IntegerExpression.Unknown]) block *= size;
        Shape? image = Reshaping.ShapeFromElements(context, 1);
        Dim channels = Dim.Of(ExpressionMath.FloorDivide(context.Dimension(0, 1).Size, block));
        context.Set(0, context.Element(0), image is null ? null : new Shape([context.Dimension(0, 0), channels, .. image.Dims]));
    }
}
