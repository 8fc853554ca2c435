namespace ModelCompiler.Onnx.Inference.Rules;

/// <summary>Operators that make tensors of constants, of shapes, or of random numbers.</summary>
internal static class Generation
{
    public static void Register(RuleTable rules)
    {
        rules.Onnx(Constant, "Constant");
        rules.Onnx(ShapeOf, "Shape");
        rules.Onnx(Size, "Size");
        rules.Onnx(ConstantOfShape, "ConstantOfShape");
        rules.Onnx(Range, "Range");
        rules.Onnx(EyeLike, "EyeLike");
        rules.Onnx(c => Random(c, c.Ints("shape") is { } shape ? new Shape(Array.ConvertAll(shape, x => Dim.Of((IntegerExpression)x))) : null, ElementType.Float), "RandomNormal", "RandomUniform");
        rules.Onnx(c => Random(c, c.Shape(0), c.Element(0)), "RandomNormalLike", "RandomUniformLike", "Bernoulli");
        rules.Onnx(c => Random(c, new Shape(c.Dimension(0, 0), Dim.Of((IntegerExpression)c.Int("sample_size", 1))), ElementType.Int32), "Multinomial");
    }

    private static void Constant(InferenceContext context)
    {
        foreach (NodeAttribute attribute in context.Node.Attributes)
        {
            if (ConstantOf(attribute) is not { } type) continue;
            context.Set(0, type);
            context.SetElements(0, attribute.Value switch
            {
                Tensor tensor => TensorElements.Of(tensor),
                long number => [number],
                long[] { Length: <= TensorElements.MaxCount } numbers => Array.ConvertAll(numbers, x => (IntegerExpression)x),
                float number => TensorElements.Of(Tensor.Scalar(number)),
                float[] { Length: <= TensorElements.MaxCount } numbers => TensorElements.Of(Tensor.Vector<float>(numbers)),
                _ => null,
            });
            return;
        }
        context.Because("the constant has no value");
    }

    private static OnnxType? ConstantOf(NodeAttribute attribute) => (attribute.Name, attribute.Value) switch
    {
        ("value", Tensor tensor) => tensor.Type,
        ("sparse_value", SparseTensor sparse) => new TensorType(sparse.Values.ElementType, new Shape(Array.ConvertAll(sparse.Dims.ToArray(), x => Dim.Of((IntegerExpression)x)))),
        ("value_int", long) => new TensorType(ElementType.Int64, Shape.Scalar),
        ("value_ints", long[] numbers) => new TensorType(ElementType.Int64, new Shape(numbers.Length)),
        ("value_float", float) => new TensorType(ElementType.Float, Shape.Scalar),
        ("value_floats", float[] numbers) => new TensorType(ElementType.Float, new Shape(numbers.Length)),
        ("value_string", byte[]) => new TensorType(ElementType.String, Shape.Scalar),
        ("value_strings", byte[][] strings) => new TensorType(ElementType.String, new Shape(strings.Length)),
        _ => null,
    };

    /// <summary>The dimensions from start to end (opset 15), which are clamped to the rank.</summary>
    private static void ShapeOf(InferenceContext context)
    {
        if (context.Shape(0) is not { } shape)
        {
            context.Set(0, ElementType.Int64, Shape.OfRank(1));
            return;
        }
        int start = Clamp(context.Int("start", 0), shape.Rank);
        int end = Clamp(context.Int("end", shape.Rank), shape.Rank);
        int count = Math.Max(0, end - start);
        context.Set(0, ElementType.Int64, new Shape(count));
        context.SetElements(0, Array.ConvertAll(shape.Dims.Slice(count == 0 ? 0 : start, count).ToArray(), dim => dim.Size));
    }

    private static int Clamp(long position, int rank) => (int)Math.Clamp(position < 0 ? position + rank : position, 0, rank);

    private static void Size(InferenceContext context)
    {
        context.Set(0, ElementType.Int64, Shape.Scalar);
        if (context.Shape(0) is { } shape) context.SetElements(0, [ShapeMath.Product(shape.Dims)]);
    }

    private static void ConstantOfShape(InferenceContext context)
    {
        var value = context.Attribute("value") as Tensor;
        Shape? shape = Reshaping.ShapeFromElements(context, 0);
        context.Set(0, value?.ElementType ?? ElementType.Float, shape);
        if (shape is null || ShapeMath.Product(shape.Dims).ValueOrNull is not { } count || count > TensorElements.MaxCount) return;
        IntegerExpression element = value is null ? 0 : TensorElements.Of(value) is [var single] ? single : IntegerExpression.Unknown;
        context.SetElements(0, [.. Enumerable.Repeat(element, (int)count)]);
    }

    /// <summary>max(0, ⌈(limit − start) / delta⌉) numbers.</summary>
    public static void Range(InferenceContext context)
    {
        IntegerExpression start = context.Elements(0) is [var s] ? s : default;
        IntegerExpression limit = context.Elements(1) is [var l] ? l : default;
        IntegerExpression delta = context.Elements(2) is [var d] ? d : default;
        IntegerExpression count = delta.ValueOrNull is null or 0 ? IntegerExpression.Unknown
            : ExpressionMath.Max(ExpressionMath.CeilingDivide(limit - start, delta), 0);
        if (count.IsUnknown && FloatCount(context) is { } number) count = number;
        if (count.IsUnknown) context.Because("the bounds of the range are computed at run time");
        context.Set(0, Elementwise.FirstElement(context), new Shape(Dim.Of(count)));
        if (count.ValueOrNull is <= TensorElements.MaxCount and var length && !delta.IsUnknown)
            context.SetElements(0, [.. Enumerable.Range(0, (int)length).Select(i => start + delta * i)]);
    }

    private static long? FloatCount(InferenceContext context)
    {
        if (TensorElements.Floats(context.Constant(0)) is not [var start] || TensorElements.Floats(context.Constant(1)) is not [var limit]) return null;
        if (TensorElements.Floats(context.Constant(2)) is not [var delta]) return null;
        double count = Math.Ceiling((limit - start) / delta);
        return count < 1L << 53 ? (long)Math.Max(0, count) : null;
    }

    private static void EyeLike(InferenceContext context) =>
        context.Set(0, context.Attribute("dtype") is long element ? (ElementType)element : context.Element(0), context.Shape(0));

    private static void Random(InferenceContext context, Shape? shape, ElementType defaultElement) =>
        context.Set(0, context.Attribute("dtype") is long element ? (ElementType)element : defaultElement, shape);
}
