namespace ModelCompiler.Onnx.Inference.Rules;

/// <summary>Operators on strings, and on counts of words.</summary>
internal static class Text
{
    public static void Register(RuleTable rules)
    {
        rules.Onnx(c => c.Set(0, ElementType.Bool, c.Shape(0)), "RegexFullMatch");
        rules.Onnx(c => c.Set(0, ElementType.String, Elementwise.BroadcastInputs(c)), "StringConcat");
        rules.Onnx(Normalize, "StringNormalizer");
        rules.Onnx(Split, "StringSplit");
        rules.Onnx(CountWords, "TfIdfVectorizer");
    }

    /// <summary>Stop words leave the last axis.</summary>
    private static void Normalize(InferenceContext context)
    {
        Shape? shape = context.Shape(0);
        if (shape is { Rank: > 0 } && context.Attribute("stopwords") is byte[][] { Length: > 0 })
        {
            context.Because("the number of words that are left depends on the data");
            shape = shape.With(shape.Rank - 1, Dim.Unknown);
        }
        context.Set(0, ElementType.String, shape);
    }

    private static void Split(InferenceContext context)
    {
        context.Because("the number of parts depends on the data");
        Shape? shape = context.Shape(0);
        context.Set(0, ElementType.String, shape is null ? null : new Shape([.. shape.Dims, Dim.Unknown]));
        context.Set(1, ElementType.Int64, shape);
    }

    private static void CountWords(InferenceContext context)
    {
        Dim size = context.Ints("ngram_indexes") is { Length: > 0 } indexes ? Dim.Of((IntegerExpression)indexes.Max() + 1) : Dim.Unknown;
        Shape? shape = context.Shape(0);
        context.Set(0, ElementType.Float, shape switch
        {
            null => null,
            { Rank: 0 } => new Shape(size),
            _ => shape.With(shape.Rank - 1, size),
        });
    }
}
