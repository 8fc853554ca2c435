namespace ModelCompiler.Onnx.Inference.Rules;

/// <summary>Normalizations whose outputs are more than the normalized tensor.</summary>
internal static class Normalization
{
    public static void Register(RuleTable rules)
    {
        rules.Onnx(BatchNormalization, "BatchNormalization");
        rules.Onnx(c => LayerNormalization(c, 1), "LayerNormalization", "RMSNormalization");
    }

    /// <summary>Y as X; running mean and variance [C] where they are wanted (saved ones too, up to opset 13).</summary>
    private static void BatchNormalization(InferenceContext context)
    {
        Elementwise.SameAsInput(context);
        ElementType statistics = context.Element(3) == ElementType.Undefined ? context.Element(0) : context.Element(3);
        var channels = new Shape(context.Dimension(0, 1));
        for (int i = 1; i < context.OutputCount; i++) context.Set(i, statistics, channels);
    }

    /// <summary>Y as X; mean and inverse deviation with the normalized axes made 1, from output <paramref name="firstStatistic"/> on.</summary>
    public static void LayerNormalization(InferenceContext context, int firstStatistic)
    {
        Elementwise.SameAsInput(context);
        Shape? statistics = null;
        if (context.Shape(0) is { } shape && ShapeMath.Axis(context.Int("axis", -1), shape.Rank) is { } axis)
        {
            Dim[] dims = shape.Dims.ToArray();
            dims.AsSpan(axis).Fill(1);
            statistics = new Shape(dims);
        }
        var element = (ElementType)context.Int("stash_type", (long)ElementType.Float);
        for (int i = firstStatistic; i < context.OutputCount; i++) context.Set(i, element, statistics);
    }
}
