namespace ModelCompiler.Onnx.Inference.Rules;

/// <summary>Operators on sequences and optionals.</summary>
internal static class Sequences
{
    public static void Register(RuleTable rules)
    {
        rules.Onnx(Construct, "SequenceConstruct");
        rules.Onnx(Empty, "SequenceEmpty");
        rules.Onnx(Insert, "SequenceInsert");
        rules.Onnx(c => c.Set(0, c.Type(0)), "SequenceErase");
        rules.Onnx(c => c.Set(0, Element(c)), "SequenceAt");
        rules.Onnx(c => c.Set(0, ElementType.Int64, Shape.Scalar), "SequenceLength");
        rules.Onnx(SplitToSequence, "SplitToSequence");
        rules.Onnx(ConcatFromSequence, "ConcatFromSequence");
        rules.Onnx(Optional, "Optional");
        rules.Onnx(c => c.Set(0, c.Type(0) is OptionalType optional ? optional.Element : c.Type(0)), "OptionalGetElement");
        rules.Onnx(c => c.Set(0, ElementType.Bool, Shape.Scalar), "OptionalHasElement");
    }

    private static OnnxType? Element(InferenceContext context) => (context.Type(0) as SequenceType)?.Element;

    private static void Construct(InferenceContext context)
    {
        OnnxType? element = context.Type(0);
        for (int i = 1; i < context.InputCount; i++) element = TypeMerge.Common(element, context.Type(i));
        context.Set(0, new SequenceType(element));
    }

    private static void Empty(InferenceContext context)
    {
        var element = (ElementType)context.Int("dtype", (long)ElementType.Float);
        context.Set(0, new SequenceType(new TensorType(element, null)) { IsEmpty = true });
    }

    private static void Insert(InferenceContext context)
    {
        if (context.Type(0) is not SequenceType sequence) return;
        context.Set(0, TypeMerge.Common(sequence, new SequenceType(context.Type(1))));
    }

    /// <summary>Parts along an axis: of the given lengths, of one length (the last may be shorter), or of length 1, which keepdims=0 drops.</summary>
    private static void SplitToSequence(InferenceContext context)
    {
        ElementType element = context.Element(0);
        Shape? part = null;
        if (context.Shape(0) is { } shape && ShapeMath.Axis(context.Int("axis", 0), shape.Rank) is { } axis)
        {
            if (context.HasInput(1)) part = shape.With(axis, PartLength(context, shape[axis]));
            else if (context.Int("keepdims", 1) != 0) part = shape.With(axis, 1);
            else part = new Shape([.. shape.Dims[..axis], .. shape.Dims[(axis + 1)..]]);
        }
        context.Set(0, new SequenceType(new TensorType(element, part)));
    }

    private static Dim PartLength(InferenceContext context, Dim total)
    {
        if (context.Elements(1) is not { Length: > 0 } lengths || Array.Exists(lengths, x => !x.IsSame(lengths[0]))) return Dim.Unknown;
        bool isExact = context.Shape(1) is { Rank: 1 } || !ExpressionMath.DivideExact(total.Size, lengths[0]).IsUnknown;
        return isExact ? Dim.Of(lengths[0]) : Dim.Unknown;
    }

    private static void ConcatFromSequence(InferenceContext context)
    {
        if (Element(context) is not TensorType element) return;
        bool addsAxis = context.Int("new_axis", 0) != 0;
        Shape? result = null;
        if (element.Shape is { } shape && ShapeMath.Axis(context.Int("axis", 0), shape.Rank + (addsAxis ? 1 : 0)) is { } axis)
            result = addsAxis ? new Shape([.. shape.Dims[..axis], Dim.Unknown, .. shape.Dims[axis..]]) : shape.With(axis, Dim.Unknown);
        context.Because("the length of a sequence depends on the data");
        context.Set(0, element.ElementType, result);
    }

    private static void Optional(InferenceContext context) =>
        context.Set(0, new OptionalType(context.HasInput(0) ? context.Type(0) : context.Attribute("type") as OnnxType));
}
