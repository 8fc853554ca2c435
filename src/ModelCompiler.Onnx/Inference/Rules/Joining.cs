namespace ModelCompiler.Onnx.Inference.Rules;

/// <summary>Operators that put tensors together along an axis, and take them apart.</summary>
internal static class Joining
{
    public static void Register(RuleTable rules)
    {
        rules.Onnx(Concat, "Concat");
        rules.Onnx(Split, "Split");
        rules.Onnx(Tile, "Tile");
    }

    private static void Concat(InferenceContext context)
    {
        long axis = context.Int("axis", 1);
        context.Set(0, Elementwise.FirstElement(context), ConcatShapes(context, 0, 1, axis));
        // Along the first axis the elements stand one input after the other.
        if (context.OutputType(0) is TensorType { Shape: { Rank: > 0 } shape } && ShapeMath.Axis(axis, shape.Rank) == 0) FollowConcat(context);
    }

    /// <summary>The shape of every <paramref name="step"/>th input from <paramref name="first"/> on, joined along an axis.</summary>
    public static Shape? ConcatShapes(InferenceContext context, int first, int step, long axis)
    {
        Shape? result = null;
        for (int i = first; i < context.InputCount; i += step) result ??= context.Shape(i);
        if (result is null || ShapeMath.Axis(axis, result.Rank) is not { } position) return null;
        Dim[] dims = result.Dims.ToArray();
        IntegerExpression sum = 0;
        for (int i = first; i < context.InputCount; i += step)
        {
            Shape? shape = context.Shape(i);
            if (shape is null || shape.Rank != result.Rank)
            {
                if (shape is not null) context.Contradiction($"shapes {result} and {shape} of different ranks are joined");
                sum = IntegerExpression.Unknown;
                continue;
            }
            sum += shape[position].Size;
            for (int j = 0; j < dims.Length; j++)
                if (j != position) dims[j] = Agree(context, dims[j], shape[j]);
        }
        dims[position] = Dim.Of(sum);
        return new Shape(dims);
    }

    /// <summary>The more precise of two dimensions that must be equal.</summary>
    public static Dim Agree(InferenceContext context, Dim left, Dim right)
    {
        if (!left.IsCompatible(right)) context.Contradiction($"dimensions {left} and {right} must be equal");
        if (left.IsKnown) return left;
        return right.IsKnown || left.IsUnknown && !right.Size.IsUnknown ? right : left;
    }

    private static void FollowConcat(InferenceContext context)
    {
        var joined = new List<IntegerExpression>();
        bool isAnyKnown = false;
        for (int i = 0; i < context.InputCount && joined.Count <= TensorElements.MaxCount; i++)
        {
            if (context.Elements(i) is { } elements)
            {
                joined.AddRange(elements);
                isAnyKnown = true;
            }
            else if (context.Shape(i) is { } shape && ShapeMath.Product(shape.Dims).ValueOrNull is <= TensorElements.MaxCount and var count)
            {
                joined.AddRange(new IntegerExpression[count]);
            }
            else
            {
                return;
            }
        }
        if (isAnyKnown) context.SetElements(0, [.. joined]);
    }

    /// <summary>Sizes are an attribute up to opset 12, an input after; without them the parts are equal, or with num_outputs (opset 18) the last may be the smaller.</summary>
    private static void Split(InferenceContext context)
    {
        Shape? shape = context.Shape(0);
        int? axis = shape is null ? null : ShapeMath.Axis(context.Int("axis", 0), shape.Rank);
        IntegerExpression[]? sizes = context.Ints("split") is { } given ? Array.ConvertAll(given, x => (IntegerExpression)x) : context.Elements(1);
        IntegerExpression position = 0;
        for (int i = 0; i < context.OutputCount; i++)
        {
            if (shape is null || axis is null)
            {
                context.Set(i, context.Element(0), null);
                continue;
            }
            IntegerExpression size = sizes is null ? context.HasInput(1) ? IntegerExpression.Unknown : EvenPart(shape[axis.Value].Size, context.OutputCount, i, context.Attribute("num_outputs") is not null)
                : i < sizes.Length ? sizes[i] : IntegerExpression.Unknown;
            if (size.IsUnknown) context.Because("the sizes of the parts are computed at run time");
            context.Set(i, context.Element(0), shape.With(axis.Value, Dim.Of(size)));
            if (shape.Rank == 1) FollowPart(context, i, position, size);
            position += size;
        }
    }

    private static IntegerExpression EvenPart(IntegerExpression total, int parts, int index, bool mayDiffer)
    {
        if (!mayDiffer || !ExpressionMath.DivideExact(total, parts).IsUnknown) return ExpressionMath.FloorDivide(total, parts);
        IntegerExpression part = ExpressionMath.CeilingDivide(total, parts);
        return index < parts - 1 ? part : total - part * (parts - 1);
    }

    private static void FollowPart(InferenceContext context, int output, IntegerExpression position, IntegerExpression size)
    {
        if (context.Elements(0) is not { } elements || position.ValueOrNull is not { } start || size.ValueOrNull is not { } count) return;
        if (start >= 0 && start <= elements.Length && count >= 0 && count <= elements.Length - start) context.SetElements(output, elements[(int)start..(int)(start + count)]);
    }

    private static void Tile(InferenceContext context)
    {
        if (context.Shape(0) is not { } shape)
        {
            context.Set(0, context.Element(0), context.Dimension(1, 0).ValueOrNull is <= InferenceContext.MaxRank and var rank ? Shape.OfRank((int)rank) : null);
            return;
        }
        IntegerExpression[]? repeats = context.Elements(1);
        if (repeats is null) context.Because("the numbers of repetitions are computed at run time");
        var dims = new Dim[shape.Rank];
        for (int i = 0; i < dims.Length; i++)
            dims[i] = repeats is not null && i < repeats.Length ? Dim.Of(shape[i].Size * repeats[i]) : Dim.Unknown;
        context.Set(0, context.Element(0), new Shape(dims));
        if (shape.Rank == 1 && repeats is [{ ValueOrNull: >= 0 and <= TensorElements.MaxCount } times] && context.Elements(0) is { } elements)
            context.SetElements(0, [.. Enumerable.Repeat(elements, (int)times.ValueOrNull!.Value).Take(TensorElements.MaxCount + 1).SelectMany(x => x).Take(TensorElements.MaxCount + 1)]);
    }
}
