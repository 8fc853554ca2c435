namespace ModelCompiler.Onnx.Inference.Rules;

/// <summary>Operators that compute each element by itself: of one tensor, of two or more that broadcast, and choices between them.</summary>
internal static class Elementwise
{
    public static void Register(RuleTable rules)
    {
        rules.Onnx(SameAsInput,
            "Acos", "Acosh", "Asin", "Asinh", "Atan", "Atanh", "BitwiseNot", "Celu", "Clip", "Cos", "Cosh", "CumSum", "Elu", "Erf", "Exp", "Gelu",
            "GroupNormalization", "HardSigmoid", "HardSwish", "Hardmax", "InstanceNormalization", "LRN", "LeakyRelu", "Log", "LogSoftmax",
            "LpNormalization", "MeanVarianceNormalization", "Mish", "PRelu", "Reciprocal", "Selu", "Shrink", "Sigmoid", "Sin", "Sinh", "Softmax",
            "Softplus", "Softsign", "Sqrt", "Swish", "Tan", "Tanh", "ThresholdedRelu", "Trilu");
        rules.Onnx(c => Unary(c, x => x), "Identity", "Ceil", "Floor", "Round");
        rules.Onnx(c => Unary(c, x => x * -1), "Neg");
        rules.Onnx(c => Unary(c, Abs), "Abs");
        rules.Onnx(c => Unary(c, x => ExpressionMath.Max(x, 0)), "Relu");
        rules.Onnx(c => Unary(c, x => Known(x, v => Math.Sign(v))), "Sign");
        rules.Onnx(c => Unary(c, x => 1 - x), "Not");
        rules.Onnx(c => Predicate(c), "IsInf", "IsNaN");

        rules.Onnx(c => Arithmetic(c, (a, b) => a + b), "Add", "Sum");
        rules.Onnx(c => Arithmetic(c, (a, b) => a - b), "Sub");
        rules.Onnx(c => Arithmetic(c, c.Element(0).IsFloatingPoint() ? MultiplyFloats : IntegerExpression.Multiply), "Mul");
        rules.Onnx(c => Arithmetic(c, c.Element(0).IsFloatingPoint() ? ExpressionMath.DivideExact : Truncate), "Div");
        rules.Onnx(c => Arithmetic(c, Modulo), "Mod");
        rules.Onnx(c => Arithmetic(c, ExpressionMath.Max), "Max");
        rules.Onnx(c => Arithmetic(c, ExpressionMath.Min), "Min");
        rules.Onnx(c => Arithmetic(c, null), "Mean", "Pow", "BitShift", "BitwiseAnd", "BitwiseOr", "BitwiseXor");

        rules.Onnx(c => Comparison(c, AreEqual), "Equal");
        rules.Onnx(c => Comparison(c, (a, b) => AtLeast(a, b + 1)), "Greater");
        rules.Onnx(c => Comparison(c, AtLeast), "GreaterOrEqual");
        rules.Onnx(c => Comparison(c, (a, b) => AtLeast(b, a + 1)), "Less");
        rules.Onnx(c => Comparison(c, (a, b) => AtLeast(b, a)), "LessOrEqual");
        rules.Onnx(c => Comparison(c, (a, b) => a * b), "And");
        rules.Onnx(c => Comparison(c, (a, b) => 1 - (1 - a) * (1 - b)), "Or");
        rules.Onnx(c => Comparison(c, (a, b) => 1 - AreEqual(a, b)), "Xor");
        rules.Onnx(Where, "Where");
        rules.Onnx(Dropout, "Dropout");
        rules.Onnx(Cast, "Cast");
        rules.Onnx(CastLike, "CastLike");
    }

    /// <summary>Output 0 has the type of input 0.</summary>
    public static void SameAsInput(InferenceContext context) => context.Set(0, context.Type(0));

    /// <summary>The element type of the first of the inputs that has one.</summary>
    public static ElementType FirstElement(InferenceContext context)
    {
        for (int i = 0; i < context.InputCount; i++)
            if (context.Element(i) is not ElementType.Undefined and var element) return element;
        return ElementType.Undefined;
    }

    /// <summary>The shape that all inputs broadcast to, or null.</summary>
    public static Shape? BroadcastInputs(InferenceContext context)
    {
        Shape? shape = context.Shape(0);
        for (int i = 1; i < context.InputCount; i++) shape = ShapeMath.Broadcast(context, shape, context.Shape(i));
        return shape;
    }

    private static void Unary(InferenceContext context, Func<IntegerExpression, IntegerExpression> compute)
    {
        SameAsInput(context);
        if (context.Elements(0) is { } elements) context.SetElements(0, Array.ConvertAll(elements, x => compute(x)));
    }

    private static void Arithmetic(InferenceContext context, Func<IntegerExpression, IntegerExpression, IntegerExpression>? compute)
    {
        ElementType element = context.Node.OpType == "Pow" ? context.Element(0) : FirstElement(context);
        context.Set(0, element, BroadcastInputs(context));
        if (compute is not null) FollowElements(context, compute);
    }

    private static void Comparison(InferenceContext context, Func<IntegerExpression, IntegerExpression, IntegerExpression> compute)
    {
        context.Set(0, ElementType.Bool, BroadcastInputs(context));
        FollowElements(context, compute);
    }

    private static void FollowElements(InferenceContext context, Func<IntegerExpression, IntegerExpression, IntegerExpression> compute)
    {
        IntegerExpression[]? result = BroadcastElements(context, 0);
        for (int i = 1; i < context.InputCount && result is not null; i++)
        {
            if (BroadcastElements(context, i) is not { } other) return;
            result = [.. result.Zip(other, compute)];
        }
        context.SetElements(0, result);
    }

    /// <summary>The elements of an input in the shape of the output, or null.</summary>
    private static IntegerExpression[]? BroadcastElements(InferenceContext context, int input) =>
        context.Elements(input) is { } elements && context.OutputType(0) is TensorType { Shape: { } shape } ? ElementView.Broadcast(elements, context.Shape(input), shape) : null;

    private static void Predicate(InferenceContext context) => context.Set(0, ElementType.Bool, context.Shape(0));

    private static void Where(InferenceContext context)
    {
        Shape? shape = ShapeMath.Broadcast(context, context.Shape(0), ShapeMath.Broadcast(context, context.Shape(1), context.Shape(2)));
        ElementType element = context.Element(1) == ElementType.Undefined ? context.Element(2) : context.Element(1);
        context.Set(0, element, shape);
        if (BroadcastElements(context, 0) is not { } conditions || BroadcastElements(context, 1) is not { } yes || BroadcastElements(context, 2) is not { } no) return;
        context.SetElements(0, [.. conditions.Select((condition, i) => Choose(condition.ValueOrNull, yes[i], no[i]))]);
    }

    private static IntegerExpression Choose(long? condition, IntegerExpression yes, IntegerExpression no) =>
        condition is { } known ? known != 0 ? yes : no : yes.IsSame(no) ? yes : IntegerExpression.Unknown;

    private static void Dropout(InferenceContext context)
    {
        SameAsInput(context);
        context.Set(1, context.OpsetVersion >= 10 ? ElementType.Bool : context.Element(0), context.Shape(0));
    }

    private static void Cast(InferenceContext context)
    {
        var element = (ElementType)context.Int("to", 0);
        context.Set(0, element, context.Shape(0));
        FollowCast(context, element);
    }

    private static void CastLike(InferenceContext context)
    {
        context.Set(0, context.Element(1), context.Shape(0));
        FollowCast(context, context.Element(1));
    }

    private static void FollowCast(InferenceContext context, ElementType to)
    {
        if (context.Elements(0) is not { } elements) return;
        bool keeps = to is ElementType.Int64 or ElementType.Int32 or ElementType.Float or ElementType.Double
            || to == ElementType.Bool && context.Element(0) == ElementType.Bool;
        if (keeps) context.SetElements(0, elements);
        else if (to == ElementType.Bool) context.SetElements(0, Array.ConvertAll(elements, x => 1 - AreEqual(x, 0)));
    }

    private static IntegerExpression Known(IntegerExpression x, Func<long, long> compute) => x.ValueOrNull is { } value ? compute(value) : IntegerExpression.Unknown;

    private static IntegerExpression Abs(IntegerExpression x) => ExpressionMath.Max(x, x * -1);

    /// <summary>What is not known of a float may be infinite or NaN: zero times it is unknown.</summary>
    private static IntegerExpression MultiplyFloats(IntegerExpression left, IntegerExpression right) =>
        left.IsUnknown || right.IsUnknown ? IntegerExpression.Unknown : left * right;

    /// <summary>Integer division rounds towards zero: it is followed where that is rounding down.</summary>
    private static IntegerExpression Truncate(IntegerExpression left, IntegerExpression right)
    {
        if (left.ValueOrNull is { } a && right.ValueOrNull is { } b) return b == 0 || b == -1 && a == long.MinValue ? IntegerExpression.Unknown : a / b;
        bool isPositive = ExpressionBounds.Lower(left) is >= 0 && ExpressionBounds.Lower(right) is >= 0;
        return isPositive ? ExpressionMath.FloorDivide(left, right) : ExpressionMath.DivideExact(left, right);
    }

    private static IntegerExpression Modulo(IntegerExpression left, IntegerExpression right)
    {
        bool isPositive = ExpressionBounds.Lower(left) is >= 0 && ExpressionBounds.Lower(right) is >= 0;
        return isPositive ? left - right * ExpressionMath.FloorDivide(left, right) : IntegerExpression.Unknown;
    }

    private static IntegerExpression AreEqual(IntegerExpression left, IntegerExpression right)
    {
        if (left.IsSame(right)) return 1;
        return ExpressionMath.IsAtLeast(left, right + 1) || ExpressionMath.IsAtLeast(right, left + 1) ? 0 : IntegerExpression.Unknown;
    }

    private static IntegerExpression AtLeast(IntegerExpression left, IntegerExpression right) =>
        ExpressionMath.IsAtLeast(left, right) ? 1 : ExpressionMath.IsAtLeast(right, left + 1) ? 0 : IntegerExpression.Unknown;
}
