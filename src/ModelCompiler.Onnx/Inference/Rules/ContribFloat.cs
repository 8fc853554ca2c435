namespace ModelCompiler.Onnx.Inference.Rules;

/// <summary>ONNX Runtime's float operators: what its fusions make, and what exporters for it write.</summary>
internal static class ContribFloat
{
    public static void Register(RuleTable rules)
    {
        rules.Contrib(Elementwise.SameAsInput,
            "BiasAdd", "BiasGelu", "BiasSoftmax", "ComplexMul", "ComplexMulConj", "FastGelu", "Gelu", "GroupNorm", "Inverse", "MoE", "QMoE", "QuickGelu", "Trilu");
        rules.Contrib(Dropout, "BiasDropout");
        rules.Contrib(c => c.Set(0, c.Element(0), Halved(c)), "BiasSplitGelu");
        rules.Contrib(c => Convolution.Conv(c, 0, 1, c.Element(0)), "FusedConv");
        rules.Contrib(c => Convolution.Conv(c, 0, 1, c.Element(0), isChannelsLast: true), "NhwcConv", "NhwcFusedConv");
        rules.Contrib(c => Pooling.Pool(c, isChannelsLast: true), "NhwcMaxPool");
        rules.Contrib(FusedMatMul, "FusedMatMul", "FusedMatMulActivation", "TransposeMatMul");
        rules.Contrib(c => LinearAlgebra.Gemm(c, 0, 1, c.Element(0)), "FusedGemm", "GemmFloat8");
        rules.Contrib(c => LinearAlgebra.MatMul(c, 0, 1, c.Element(0)), "GemmFastGelu", "SparseToDenseMatMul");
        rules.Contrib(SkipLayerNormalization, "SkipLayerNormalization", "SkipSimplifiedLayerNormalization");
        rules.Contrib(SkipGroupNorm, "SkipGroupNorm");
        rules.Contrib(c => Normalization.LayerNormalization(c, 1), "LayerNormalization", "SimplifiedLayerNormalization");
        rules.Onnx(c => Normalization.LayerNormalization(c, 1), "SimplifiedLayerNormalization");
        rules.Contrib(Vision.GridSample, "GridSample");
        rules.Contrib(c => Resizing.Pad(c), "Pad");
        rules.Contrib(Indexing.GatherND, "GatherND");
        rules.Contrib(Indexing.Gather, "TorchEmbedding");
        rules.Contrib(Generation.Range, "Range");
        rules.Contrib(ExpandDims, "ExpandDims");
        rules.Contrib(c => c.Set(0, c.Element(0), new Shape(c.Dimension(0, 0), c.Dimension(1, 0))), "CDist");
        rules.Contrib(Unique, "Unique");
        rules.Contrib(c => c.Set(0, c.Type(1)), "NGramRepeatBlock");
        rules.Contrib(CropAndResize, "CropAndResize");
        rules.Contrib(Fourier, "Rfft");
        rules.Contrib(InverseFourier, "Irfft");
    }

    private static void Dropout(InferenceContext context)
    {
        Elementwise.SameAsInput(context);
        context.Set(1, ElementType.Bool, context.Shape(0));
    }

    private static Shape? Halved(InferenceContext context) =>
        context.Shape(0) is { Rank: > 0 } shape ? shape.With(shape.Rank - 1, Dim.Of(ExpressionMath.FloorDivide(shape[shape.Rank - 1].Size, 2))) : null;

    /// <summary>MatMul after the transpositions that the attributes ask for: of the last two axes, or of the first axis behind the batch.</summary>
    private static void FusedMatMul(InferenceContext context)
    {
        Shape? left = Transposed(context.Shape(0), context.Int("transA", 0) != 0, context.Int("transBatchA", 0) != 0);
        Shape? right = Transposed(context.Shape(1), context.Int("transB", 0) != 0, context.Int("transBatchB", 0) != 0);
        context.Set(0, context.Element(0), LinearAlgebra.MatMulShape(context, left, right));
    }

    private static Shape? Transposed(Shape? shape, bool swapsLast, bool movesFirst)
    {
        if (shape is null || shape.Rank < 2) return shape;
        Dim[] dims = shape.Dims.ToArray();
        if (movesFirst) dims = [.. dims[1..^1], dims[0], dims[^1]];
        if (swapsLast) (dims[^1], dims[^2]) = (dims[^2], dims[^1]);
        return new Shape(dims);
    }

    /// <summary>Output as the input; mean and inverse deviation [batch, length, 1]; the sum of input, skip and bias.</summary>
    private static void SkipLayerNormalization(InferenceContext context)
    {
        Elementwise.SameAsInput(context);
        Shape? statistics = context.Shape(0) is { Rank: > 0 } shape ? shape.With(shape.Rank - 1, 1) : null;
        context.Set(1, ElementType.Float, statistics);
        context.Set(2, ElementType.Float, statistics);
        context.Set(3, context.Type(0));
    }

    private static void SkipGroupNorm(InferenceContext context)
    {
        Elementwise.SameAsInput(context);
        context.Set(1, context.Type(0));
    }

    private static void ExpandDims(InferenceContext context)
    {
        Shape? result = null;
        if (context.Shape(0) is { } shape && context.Number(1) is { } axis && ShapeMath.Axis(axis, shape.Rank + 1) is { } position)
            result = new Shape([.. shape.Dims[..position], 1, .. shape.Dims[position..]]);
        context.Set(0, context.Element(0), result);
    }

    private static void Unique(InferenceContext context)
    {
        Dim count = context.Fresh("the number of distinct elements depends on the data");
        context.Set(0, context.Element(0), new Shape(count));
        context.Set(1, ElementType.Int64, context.Shape(0));
        context.Set(2, ElementType.Int64, new Shape(count));
    }

    /// <summary>Crops of [N, C, H, W] for regions [count, 4] to a size (height, width).</summary>
    private static void CropAndResize(InferenceContext context)
    {
        Shape? size = Reshaping.ShapeFromElements(context, 3);
        context.Set(0, context.Element(0), size is { Rank: 2 } ? new Shape(context.Dimension(1, 0), context.Dimension(0, 1), size[0], size[1]) : Shape.OfRank(4));
    }

    /// <summary>[…, n] gives […, ⌊n/2⌋ + 1, 2] for the last signal axis.</summary>
    private static void Fourier(InferenceContext context)
    {
        Shape? result = null;
        if (context.Shape(0) is { Rank: > 0 } shape)
            result = new Shape([.. shape.Dims[..^1], Dim.Of(ExpressionMath.FloorDivide(shape[shape.Rank - 1].Size, 2) + 1), 2]);
        context.Set(0, context.Element(0), result);
    }

    /// <summary>[…, m, 2] gives […, 2 · (m − 1)].</summary>
    private static void InverseFourier(InferenceContext context)
    {
        Shape? result = null;
        if (context.Shape(0) is { Rank: > 1 } shape)
            result = new Shape([.. shape.Dims[..^2], Dim.Of((shape[shape.Rank - 2].Size - 1) * 2)]);
        context.Set(0, context.Element(0), result);
    }
}
