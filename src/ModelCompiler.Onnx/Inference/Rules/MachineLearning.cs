namespace ModelCompiler.Onnx.Inference.Rules;

/// <summary>Classical machine learning (ai.onnx.ml): X [N, features], or [features] for one sample.</summary>
internal static class MachineLearning
{
    public static void Register(RuleTable rules)
    {
        rules.Ml(Elementwise.SameAsInput, "Binarizer", "Imputer");
        rules.Ml(c => c.Set(0, ElementType.Float, c.Shape(0)), "Normalizer", "Scaler");
        rules.Ml(ArrayFeatureExtractor, "ArrayFeatureExtractor");
        rules.Ml(c => c.Set(0, CastTarget(c), new Shape(1, Dim.Unknown)), "CastMap");
        rules.Ml(c => c.Set(0, c.Element(0) == ElementType.String ? ElementType.Int64 : ElementType.String, c.Shape(0)), "CategoryMapper");
        rules.Ml(DictVectorizer, "DictVectorizer");
        rules.Ml(FeatureVectorizer, "FeatureVectorizer");
        rules.Ml(LabelEncoder, "LabelEncoder");
        rules.Ml(c => Classifier(c, "classlabels_ints", "classlabels_strings"), "LinearClassifier", "SVMClassifier");
        rules.Ml(c => Classifier(c, "classlabels_int64s", "classlabels_strings"), "TreeEnsembleClassifier");
        rules.Ml(c => Regressor(c, c.Int("targets", 1)), "LinearRegressor");
        rules.Ml(c => Regressor(c, 1), "SVMRegressor");
        rules.Ml(c => Regressor(c, c.Int("n_targets", 1)), "TreeEnsembleRegressor");
        rules.Ml(c => c.Set(0, c.Element(0), new Shape(c.Dimension(0, 0), Dim.Of((IntegerExpression)c.Int("n_targets", 1)))), "TreeEnsemble");
        rules.Ml(OneHotEncoder, "OneHotEncoder");
        rules.Ml(ZipMap, "ZipMap");
    }

    private static Dim Samples(InferenceContext context) => context.Shape(0) is { Rank: 1 } ? 1 : context.Dimension(0, 0);

    private static int Length(InferenceContext context, string attribute) => context.Attribute(attribute) is Array array ? array.Length : 0;

    private static void ArrayFeatureExtractor(InferenceContext context)
    {
        Dim count = context.Shape(1) is { } indices ? Dim.Of(ShapeMath.Product(indices.Dims)) : Dim.Unknown;
        Shape? result = context.Shape(0) switch
        {
            null => null,
            { Rank: <= 1 } => new Shape(1, count),
            { } shape => shape.With(shape.Rank - 1, count),
        };
        context.Set(0, context.Element(0), result);
    }

    private static ElementType CastTarget(InferenceContext context) => context.String("cast_to", "TO_FLOAT") switch
    {
        "TO_STRING" => ElementType.String,
        "TO_INT64" => ElementType.Int64,
        _ => ElementType.Float,
    };

    private static void DictVectorizer(InferenceContext context)
    {
        int size = Length(context, "string_vocabulary") + Length(context, "int64_vocabulary");
        context.Set(0, ((context.Type(0) as MapType)?.Value as TensorType)?.ElementType ?? ElementType.Undefined, new Shape(1, size));
    }

    private static void FeatureVectorizer(InferenceContext context)
    {
        IntegerExpression sum = 0;
        foreach (long size in context.Ints("inputdimensions") ?? []) sum += size;
        context.Set(0, ElementType.Float, new Shape(Samples(context), Dim.Of(sum)));
    }

    private static void LabelEncoder(InferenceContext context)
    {
        ElementType element = context.Node.Attributes.Find("values_strings") is not null ? ElementType.String
            : context.Node.Attributes.Find("values_int64s") is not null ? ElementType.Int64
            : context.Node.Attributes.Find("values_floats") is not null ? ElementType.Float
            : context.Attribute("values_tensor") is Tensor values ? values.ElementType
            : context.Element(0) == ElementType.String ? ElementType.Int64 : ElementType.String;
        context.Set(0, element, context.Shape(0));
    }

    /// <summary>The label of each sample, and a score per class: two where a binary classifier has coefficients of one class only.</summary>
    private static void Classifier(InferenceContext context, string integers, string strings)
    {
        int classes = Math.Max(Length(context, integers), Length(context, strings));
        context.Set(0, Length(context, strings) > 0 ? ElementType.String : ElementType.Int64, new Shape(Samples(context)));
        context.Set(1, ElementType.Float, new Shape(Samples(context), classes > 0 ? classes : Dim.Unknown));
    }

    private static void Regressor(InferenceContext context, long targets) =>
        context.Set(0, ElementType.Float, new Shape(Samples(context), Dim.Of((IntegerExpression)targets)));

    private static void OneHotEncoder(InferenceContext context)
    {
        int classes = Length(context, "cats_int64s") + Length(context, "cats_strings");
        context.Set(0, ElementType.Float, context.Shape(0) is { } shape ? new Shape([.. shape.Dims, classes]) : null);
    }

    private static void ZipMap(InferenceContext context)
    {
        ElementType key = context.Node.Attributes.Find("classlabels_strings") is not null ? ElementType.String : ElementType.Int64;
        context.Set(0, new SequenceType(new MapType(key, new TensorType(ElementType.Float, Shape.Scalar))));
    }
}
