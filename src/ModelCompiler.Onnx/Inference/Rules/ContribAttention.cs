namespace ModelCompiler.Onnx.Inference.Rules;

/// <summary>Attention of ONNX Runtime, which its transformer fusions make.</summary>
internal static class ContribAttention
{
    public static void Register(RuleTable rules)
    {
        rules.Contrib(c => SelfAttention(c, 4, c.Element(0)), "Attention");
        rules.Contrib(c => SelfAttention(c, 8, c.Element(3)), "QAttention");
        rules.Contrib(MultiHead, "MultiHeadAttention", "DecoderMaskedMultiHeadAttention");
        rules.Contrib(GroupQuery, "GroupQueryAttention", "SparseAttention");
        rules.Contrib(Packed, "PackedAttention");
        rules.Contrib(Elementwise.SameAsInput, "LongformerAttention", "RotaryEmbedding");
        rules.Contrib(c => EmbedLayerNormalization(c, c.Element(2)), "EmbedLayerNormalization");
        rules.Contrib(RelativePositionBias, "RelativePositionBias");
    }

    /// <summary>[batch, length, hidden of V], and keys and values with the past [2, batch, heads, past + length, size].</summary>
    private static void SelfAttention(InferenceContext context, int past, ElementType element)
    {
        Dim batch = context.Dimension(0, 0);
        Dim length = context.Dimension(0, 1);
        Dim hidden = context.Ints("qkv_hidden_sizes") is [_, _, var valueSize] ? Dim.Of((IntegerExpression)valueSize)
            : Dim.Of(ExpressionMath.DivideExact(context.Dimension(1, 1).Size, 3));
        context.Set(0, element, new Shape(batch, length, hidden));
        IntegerExpression heads = context.Int("num_heads", 0);
        bool isShared = context.Int("past_present_share_buffer", 0) != 0;
        Dim total = !context.HasInput(past) ? length : isShared ? context.Dimension(past, 3) : context.Dimension(past, 3) + length;
        context.Set(1, element, new Shape(2, batch, Dim.Of(heads), total, Dim.Of(ExpressionMath.FloorDivide(hidden.Size, heads))));
    }

    /// <summary>Query [batch, length, hidden] or packed [batch, length, heads, 3, size]; key and value likewise, or as [batch, heads, length, size].</summary>
    private static void MultiHead(InferenceContext context)
    {
        IntegerExpression heads = context.Int("num_heads", 0);
        Dim batch = context.Dimension(0, 0);
        Dim length = context.Dimension(0, 1);
        Shape? source = context.Shape(2) ?? context.Shape(1) ?? context.Shape(0);
        Dim hidden = source switch
        {
            { Rank: 3 } => source[2],
            { Rank: 4 } => source[1] * source[3],
            { Rank: 5 } => source[2] * source[4],
            _ => Dim.Unknown,
        };
        ElementType element = context.Element(0);
        context.Set(0, element, context.Shape(0) is null ? null : new Shape(batch, length, hidden));
        Dim keys = context.Shape(1) is { Rank: 4 } split ? split[2] : context.Shape(1) is not null ? context.Dimension(1, 1) : length;
        bool isShared = context.Int("past_present_share_buffer", 0) != 0;
        Dim total = !context.HasInput(6) ? keys : isShared ? context.Dimension(6, 2) : context.Dimension(6, 2) + keys;
        var present = new Shape(batch, Dim.Of(heads), total, Dim.Of(ExpressionMath.FloorDivide(hidden.Size, heads)));
        context.Set(1, element, present);
        context.Set(2, element, present);
    }

    /// <summary>Query [batch, length, heads · size], or with keys and values packed behind it where there is no key.</summary>
    private static void GroupQuery(InferenceContext context)
    {
        IntegerExpression heads = context.Int("num_heads", 0);
        IntegerExpression groups = context.Int("kv_num_heads", 0);
        Dim width = context.Dimension(0, 2);
        IntegerExpression size = ExpressionMath.FloorDivide(width.Size, context.HasInput(1) ? heads : heads + 2 * groups);
        ElementType element = context.Element(0);
        context.Set(0, element, new Shape(context.Dimension(0, 0), context.Dimension(0, 1), context.HasInput(1) ? width : Dim.Of(heads * size)));
        // Input 6 is the total length; a buffer of the past that is longer stays as it is.
        IntegerExpression total = context.Elements(6) is [var given] ? given : IntegerExpression.Unknown;
        if (context.HasInput(3)) total = ExpressionMath.Max(total, context.Dimension(3, 2).Size);
        var present = new Shape(context.Dimension(0, 0), Dim.Of(groups), Dim.Of(total), Dim.Of(size));
        ElementType cache = context.HasInput(3) ? context.Element(3) : element;
        context.Set(1, cache, present);
        context.Set(2, cache, present);
    }

    /// <summary>Tokens without padding: [tokens, hidden of V].</summary>
    private static void Packed(InferenceContext context)
    {
        Dim hidden = context.Ints("qkv_hidden_sizes") is [_, _, var valueSize] ? Dim.Of((IntegerExpression)valueSize)
            : Dim.Of(ExpressionMath.DivideExact(context.Dimension(1, 1).Size, 3));
        context.Set(0, context.Element(0), new Shape(context.Dimension(0, 0), hidden));
    }

    /// <summary>[batch, length, hidden] of ids [batch, length] and words [count, hidden]; then the mask's index [batch], and the sum before normalization.</summary>
    public static void EmbedLayerNormalization(InferenceContext context, ElementType element)
    {
        var embedded = new Shape(context.Dimension(0, 0), context.Dimension(0, 1), context.Dimension(2, 1));
        context.Set(0, element, embedded);
        context.Set(1, ElementType.Int32, new Shape(context.Dimension(0, 0)));
        context.Set(2, element, embedded);
    }

    private static void RelativePositionBias(InferenceContext context)
    {
        Dim query = context.Elements(1) is [var q] ? Dim.Of(q) : Dim.Unknown;
        Dim key = context.Elements(2) is [var k] ? Dim.Of(k) : Dim.Unknown;
        context.Set(0, context.Element(0), new Shape(1, context.Dimension(0, 1), query, key));
    }
}
