namespace ModelCompiler.Onnx.Inference.Rules;

/// <summary>Attention of ONNX (opset 23): Q, K, V as [batch, heads, length, size] or [batch, length, heads · size].</summary>
internal static class Attention
{
    public static void Register(RuleTable rules)
    {
        rules.Onnx(ScaledDotProduct, "Attention");
        rules.Onnx(Elementwise.SameAsInput, "RotaryEmbedding");
    }

    private static void ScaledDotProduct(InferenceContext context)
    {
        bool isSplit = context.Shape(0) is { Rank: 4 };
        IntegerExpression queryHeads = isSplit ? context.Dimension(0, 1).Size : context.Int("q_num_heads", 0);
        IntegerExpression heads = isSplit ? context.Dimension(1, 1).Size : context.Int("kv_num_heads", 0);
        Dim batch = context.Dimension(0, 0);
        Dim length = context.Dimension(0, -2);
        Dim keySize = isSplit ? context.Dimension(1, 3) : Dim.Of(ExpressionMath.FloorDivide(context.Dimension(1, 2).Size, heads));
        Dim valueSize = isSplit ? context.Dimension(2, 3) : Dim.Of(ExpressionMath.FloorDivide(context.Dimension(2, 2).Size, heads));
        Dim total = context.HasInput(4) ? context.Dimension(4, 2) + context.Dimension(1, -2) : context.Dimension(1, -2);
        ElementType element = context.Element(0);
        if (context.Shape(0) is null) context.Set(0, element, null);
        else context.Set(0, element, isSplit ? new Shape(batch, Dim.Of(queryHeads), length, valueSize) : new Shape(batch, length, Dim.Of(queryHeads * valueSize.Size)));
        context.Set(1, context.Element(1), new Shape(batch, Dim.Of(heads), total, keySize));
        context.Set(2, context.Element(2), new Shape(batch, Dim.Of(heads), total, valueSize));
        context.Set(3, element, new Shape(batch, Dim.Of(queryHeads), length, total));
    }
}
