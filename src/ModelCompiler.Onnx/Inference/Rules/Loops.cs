namespace ModelCompiler.Onnx.Inference.Rules;

/// <summary>Operators that run a subgraph again and again, with state carried from one iteration to the next.</summary>
internal static class Loops
{
    // Bodies of bodies multiply the looks: from this depth on nothing is assumed, and one look suffices.
    private const int MaxCarefulDepth = 3;

    // Each look generalizes a dimension or more; what has not settled by then is left unknown.
    private const int MaxLooks = 4;

    public static void Register(RuleTable rules)
    {
        rules.Onnx(Loop, "Loop");
        rules.Onnx(Scan, "Scan");
        rules.Onnx(SequenceMap, "SequenceMap");
    }

    /// <summary>Body inputs: iteration, condition, state; body outputs: condition, state, elements of the stacked outputs.</summary>
    private static void Loop(InferenceContext context)
    {
        if (context.Subgraph("body") is not { } body)
        {
            context.Because("the loop has no body");
            return;
        }
        int states = Math.Max(0, context.InputCount - 2);
        bool startsTrue = !context.HasInput(1) || context.Number(1) is not (null or 0);
        OnnxType?[] inputs = [new TensorType(ElementType.Int64, Shape.Scalar), new TensorType(ElementType.Bool, Shape.Scalar), .. Types(context, 2, states)];
        var scope = new IterationScope(context.Engine, body);
        if (!Settle(context, scope, inputs, 2, 1, startsTrue ? [1] : null)) return;
        for (int i = 0; i < states; i++) context.Set(i, inputs[2 + i]);

        bool staysTrue = startsTrue && body.Outputs.Count > 0 && TensorElements.Of(body.Outputs[0]) is [{ ValueOrNull: 1 }];
        Dim count = staysTrue && context.Elements(0) is [var trips] ? Dim.Of(ExpressionMath.Max(trips, 0)) : Dim.Unknown;
        if (count.Size.IsUnknown && context.OutputCount > states) context.Because("the number of iterations depends on the data");
        for (int i = states; i < context.OutputCount; i++) context.Set(i, Stacked(scope.Output(1 + i), 0, count));
    }

    /// <summary>Body inputs: state, one element of each scanned input; body outputs: state, one element of each stacked output.</summary>
    private static void Scan(InferenceContext context)
    {
        // Opset 8 has a batch axis in front, and the lengths of the sequences as the first input.
        bool isBatched = context.OpsetVersion < 9;
        int first = isBatched ? 1 : 0;
        int scanned = (int)Math.Clamp(context.Int("num_scan_inputs", 0), 0, Math.Max(0, context.InputCount - first));
        int states = Math.Max(0, context.InputCount - first) - scanned;
        if (context.Subgraph("body") is not { } body)
        {
            context.Because("the scan has no body");
            return;
        }
        Dim batch = isBatched ? context.Dimension(first, 0) : Dim.Unknown;
        Dim length = Dim.Unknown;
        var inputs = new OnnxType?[states + scanned];
        for (int i = 0; i < inputs.Length; i++)
        {
            OnnxType? type = context.Type(first + i);
            if (isBatched) type = Without(type, 0, out _);
            if (i >= states)
            {
                type = Without(type, Axis(context, isBatched ? "" : "scan_input_axes", i - states), out Dim scannedLength);
                length = length.IsKnown || scannedLength.Size.IsUnknown ? length : scannedLength;
            }
            inputs[i] = type;
        }
        var scope = new IterationScope(context.Engine, body);
        if (!Settle(context, scope, inputs, 0, 0, null, states)) return;
        for (int i = 0; i < context.OutputCount; i++)
        {
            OnnxType? type = i < states ? inputs[i] : Stacked(scope.Output(i), Axis(context, isBatched ? "" : "scan_output_axes", i - states), length);
            context.Set(i, isBatched ? Stacked(type, 0, batch) : type);
        }
    }

    /// <summary>The body sees one element of each sequence, and tensors as they are.</summary>
    private static void SequenceMap(InferenceContext context)
    {
        if (context.Subgraph("body") is not { } body) return;
        var scope = new IterationScope(context.Engine, body);
        OnnxType?[] inputs = Array.ConvertAll(Types(context, 0, context.InputCount), type => type is SequenceType sequence ? sequence.Element : type);
        if (!scope.Infer(inputs)) return;
        for (int i = 0; i < context.OutputCount; i++) context.Set(i, new SequenceType(scope.Output(i)));
    }

    /// <summary>
    /// Assumes that the state keeps its type from the first iteration on, and generalizes what the body contradicts until it agrees:
    /// the least type that every iteration maps into itself.
    /// </summary>
    private static bool Settle(InferenceContext context, IterationScope scope, OnnxType?[] inputs, int firstInput, int firstOutput, IntegerExpression[]? condition, int? states = null)
    {
        int count = states ?? inputs.Length - firstInput;
        if (context.Engine.Depth > MaxCarefulDepth) ForgetShapes(inputs, firstInput, count);
        for (int look = 1; ; look++)
        {
            if (!scope.Infer(inputs, condition))
            {
                context.Because("the body is nested too deep");
                return false;
            }
            bool isSettled = true;
            for (int i = 0; i < count; i++)
            {
                OnnxType? state = inputs[firstInput + i];
                OnnxType? next = scope.Output(firstOutput + i);
                if (IsInstance(next, state)) continue;
                isSettled = false;
                context.Because("the state changes its shape from one iteration to the next");
                inputs[firstInput + i] = TypeMerge.Common(state, next);
            }
            if (isSettled || look > MaxLooks) return true;
            if (look == MaxLooks) ForgetShapes(inputs, firstInput, count);
        }
    }

    private static void ForgetShapes(OnnxType?[] types, int first, int count)
    {
        for (int i = first; i < first + count; i++)
        {
            types[i] = types[i] switch
            {
                TensorType tensor => new TensorType(tensor.ElementType, null),
                SequenceType { Element: TensorType tensor } => new SequenceType(new TensorType(tensor.ElementType, null)),
                _ => types[i],
            };
        }
    }

    /// <summary>Whether every value of a type is one of the general type too.</summary>
    private static bool IsInstance(OnnxType? type, OnnxType? general) => (type, general) switch
    {
        (_, null) => true,
        (TensorType a, TensorType b) => a.ElementType == b.ElementType && IsInstance(a.Shape, b.Shape),
        (SequenceType a, SequenceType b) => a.IsEmpty || !b.IsEmpty && IsInstance(a.Element, b.Element),
        (OptionalType a, OptionalType b) => IsInstance(a.Element, b.Element),
        _ => type is not null && type.Equals(general),
    };

    private static bool IsInstance(Shape? shape, Shape? general)
    {
        if (general is null) return true;
        if (shape is null || shape.Rank != general.Rank) return false;
        for (int i = 0; i < shape.Rank; i++)
            if (!general[i].Size.IsUnknown && !general[i].IsSame(shape[i])) return false;
        return true;
    }

    private static OnnxType?[] Types(InferenceContext context, int first, int count)
    {
        var types = new OnnxType?[count];
        for (int i = 0; i < count; i++) types[i] = context.Type(first + i);
        return types;
    }

    private static long Axis(InferenceContext context, string attribute, int index) =>
        attribute.Length > 0 && context.Ints(attribute) is { } axes && index >= 0 && index < axes.Length ? axes[index] : 0;

    private static OnnxType? Without(OnnxType? type, long axis, out Dim removed)
    {
        removed = Dim.Unknown;
        if (type is not TensorType { Shape: { } shape } tensor || ShapeMath.Axis(axis, shape.Rank) is not { } position)
            return type is TensorType untold ? new TensorType(untold.ElementType, null) : type;
        removed = shape[position];
        return new TensorType(tensor.ElementType, new Shape([.. shape.Dims[..position], .. shape.Dims[(position + 1)..]]));
    }

    private static OnnxType? Stacked(OnnxType? type, long axis, Dim count)
    {
        if (type is not TensorType tensor) return null;
        if (tensor.Shape is not { } shape || ShapeMath.Axis(axis, shape.Rank + 1) is not { } position) return new TensorType(tensor.ElementType, null);
        return new TensorType(tensor.ElementType, new Shape([.. shape.Dims[..position], count, .. shape.Dims[position..]]));
    }
}
