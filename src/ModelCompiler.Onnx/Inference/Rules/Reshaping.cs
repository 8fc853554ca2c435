namespace ModelCompiler.Onnx.Inference.Rules;

/// <summary>Operators that see the same elements under other dimensions.</summary>
internal static class Reshaping
{
    public static void Register(RuleTable rules)
    {
        rules.Onnx(Reshape, "Reshape");
        rules.Onnx(Flatten, "Flatten");
        rules.Onnx(Squeeze, "Squeeze");
        rules.Onnx(Unsqueeze, "Unsqueeze");
        rules.Onnx(Transpose, "Transpose");
        rules.Onnx(Expand, "Expand");
        rules.Onnx(DepthToSpace, "DepthToSpace");
        rules.Onnx(SpaceToDepth, "SpaceToDepth");
    }

    /// <summary>The shape that the elements of an input spell; of unknown dimensions where only their number is known.</summary>
    public static Shape? ShapeFromElements(InferenceContext context, int input)
    {
        if (context.Elements(input) is { } elements) return elements.Length > InferenceContext.MaxRank ? null : new Shape(Array.ConvertAll(elements, Dim.Of));
        context.Because("a shape is computed at run time");
        return context.Dimension(input, 0).ValueOrNull is <= InferenceContext.MaxRank and var rank ? Shape.OfRank((int)rank) : null;
    }

    private static void Reshape(InferenceContext context)
    {
        Shape? shape = context.Elements(1) is { } target ? ReshapeTo(context, context.Shape(0), target) : ShapeFromElements(context, 1);
        context.Set(0, context.Element(0), shape);
        context.SetElements(0, context.Elements(0));
    }

    /// <summary>0 copies the dimension of the input (unless allowzero is set), −1 stands for the one that keeps the number of elements.</summary>
    private static Shape? ReshapeTo(InferenceContext context, Shape? shape, IntegerExpression[] target)
    {
        if (target.Length > InferenceContext.MaxRank) return null;
        bool copiesOnZero = context.Int("allowzero", 0) == 0;
        var dims = new Dim[target.Length];
        int open = -1;
        int openCount = 0;
        for (int i = 0; i < dims.Length; i++)
        {
            bool copies = copiesOnZero && target[i].ValueOrNull == 0;
            dims[i] = copies ? shape is not null && i < shape.Rank ? shape[i] : Dim.Unknown : Dim.Of(target[i]);
            if (!dims[i].Size.IsUnknown) continue;
            openCount++;
            // An element that is not known is solved for like −1: the number of elements is the same whatever it says.
            open = i;
        }
        if (openCount == 1) dims[open] = shape is null ? Dim.Unknown : Missing(shape, dims, open);
        else if (openCount == 0 && shape is not null) CheckCount(context, shape, dims);
        if (openCount > 0 && dims[open].Size.IsUnknown) context.Because("the elements of the target shape do not tell every dimension");
        return new Shape(dims);
    }

    /// <summary>The dimension that makes both shapes hold as many elements.</summary>
    private static Dim Missing(Shape shape, Dim[] dims, int open)
    {
        var left = new List<Dim>(shape);
        IntegerExpression divisor = 1;
        for (int i = 0; i < dims.Length; i++)
        {
            // Dimensions that stand on both sides cancel, which keeps the products small.
            if (i == open || left.Remove(dims[i])) continue;
            divisor *= dims[i].Size;
        }
        return Dim.Of(ExpressionMath.FloorDivide(ShapeMath.Product([.. left]), divisor));
    }

    private static void CheckCount(InferenceContext context, Shape shape, Dim[] dims)
    {
        IntegerExpression before = ShapeMath.Product(shape.Dims);
        IntegerExpression after = ShapeMath.Product(dims);
        if (before.IsKnown && after.IsKnown && before != after) context.Contradiction($"{before} elements of shape {shape} do not fit into shape [{string.Join(",", dims)}]");
    }

    private static void Flatten(InferenceContext context)
    {
        Shape result = Shape.OfRank(2);
        if (context.Shape(0) is { } shape)
        {
            long axis = context.Int("axis", 1);
            if (axis < 0) axis += shape.Rank;
            if (axis < 0 || axis > shape.Rank) context.Contradiction($"axis {axis} is out of range for rank {shape.Rank}");
            else result = new Shape(Dim.Of(ShapeMath.Product(shape.Dims[..(int)axis])), Dim.Of(ShapeMath.Product(shape.Dims[(int)axis..])));
        }
        context.Set(0, context.Element(0), result);
        context.SetElements(0, context.Elements(0));
    }

    /// <summary>The axes of Squeeze and Unsqueeze: an attribute up to opset 12, an input after.</summary>
    private static long[]? Axes(InferenceContext context) => context.Ints("axes") ?? context.Numbers(1);

    private static void Squeeze(InferenceContext context)
    {
        context.Set(0, context.Element(0), context.Shape(0) is { } shape ? Squeezed(context, shape) : null);
        context.SetElements(0, context.Elements(0));
    }

    private static Shape? Squeezed(InferenceContext context, Shape shape)
    {
        long[]? axes = Axes(context);
        if (axes is null && context.HasInput(1))
        {
            context.Because("the axes are computed at run time");
            return null;
        }
        if (axes is null or [] && !shape.IsStatic)
        {
            context.Because("every axis of size 1 is squeezed, and a dimension is not a number");
            return null;
        }
        bool[]? mask = axes is null or [] ? Array.ConvertAll(shape.ToArray(), d => d == 1) : ShapeMath.AxisMask(axes, shape.Rank);
        if (mask is null)
        {
            context.Contradiction($"an axis of [{string.Join(",", axes!)}] is out of range for rank {shape.Rank}");
            return null;
        }
        var dims = new List<Dim>(shape.Rank);
        for (int i = 0; i < shape.Rank; i++)
            if (!mask[i]) dims.Add(shape[i]);
        return new Shape([.. dims]);
    }

    private static void Unsqueeze(InferenceContext context)
    {
        context.Set(0, context.Element(0), context.Shape(0) is { } shape ? Unsqueezed(context, shape) : null);
        context.SetElements(0, context.Elements(0));
    }

    private static Shape? Unsqueezed(InferenceContext context, Shape shape)
    {
        if (Axes(context) is not { } axes)
        {
            context.Because("the axes are computed at run time");
            return context.Dimension(1, 0).ValueOrNull is <= InferenceContext.MaxRank and var count ? Shape.OfRank(shape.Rank + (int)count) : null;
        }
        int rank = shape.Rank + axes.Length;
        if (rank > InferenceContext.MaxRank || ShapeMath.AxisMask(axes, rank) is not { } mask || mask.Count(added => added) != axes.Length)
        {
            context.Contradiction($"axes [{string.Join(",", axes)}] cannot be added to rank {shape.Rank}");
            return null;
        }
        var dims = new Dim[rank];
        for (int i = 0, next = 0; i < rank; i++) dims[i] = mask[i] ? 1 : shape[next++];
        return new Shape(dims);
    }

    private static void Transpose(InferenceContext context)
    {
        if (context.Shape(0) is not { } shape)
        {
            context.Set(0, context.Element(0), null);
            return;
        }
        long[] order = context.Ints("perm") ?? [.. Enumerable.Range(0, shape.Rank).Reverse().Select(i => (long)i)];
        if (order.Length != shape.Rank || ShapeMath.AxisMask(order, shape.Rank) is not { } mask || Array.Exists(mask, used => !used))
        {
            context.Contradiction($"[{string.Join(",", order)}] is no order of the axes of {shape}");
            context.Set(0, context.Element(0), Shape.OfRank(shape.Rank));
            return;
        }
        context.Set(0, context.Element(0), new Shape(Array.ConvertAll(order, axis => shape[Position(axis, shape.Rank)])));
        if (context.Elements(0) is not { } elements || !shape.IsStatic) return;
        long[] strides = ElementView.Strides(shape);
        context.SetElements(0, ElementView.Read(elements, 0, Array.ConvertAll(order, axis => strides[Position(axis, shape.Rank)]), Array.ConvertAll(order, axis => shape[Position(axis, shape.Rank)].Value)));
    }

    private static int Position(long axis, int rank) => ShapeMath.Axis(axis, rank) ?? 0;

    private static void Expand(InferenceContext context)
    {
        Shape? target = ShapeFromElements(context, 1);
        context.Set(0, context.Element(0), ShapeMath.Broadcast(context, context.Shape(0), target));
        if (context.OutputType(0) is TensorType { Shape: { } shape }) context.SetElements(0, ElementView.Broadcast(context.Elements(0), context.Shape(0), shape));
    }

    private static void DepthToSpace(InferenceContext context)
    {
        IntegerExpression block = context.Int("blocksize", 0);
        if (context.Shape(0) is not { Rank: 4 } s)
        {
            context.Set(0, context.Element(0), Shape.OfRank(4));
            return;
        }
        context.Set(0, context.Element(0), new Shape(s[0], Dim.Of(ExpressionMath.FloorDivide(s[1].Size, block * block)), Dim.Of(s[2].Size * block), Dim.Of(s[3].Size * block)));
    }

    private static void SpaceToDepth(InferenceContext context)
    {
        IntegerExpression block = context.Int("blocksize", 0);
        if (context.Shape(0) is not { Rank: 4 } s)
        {
            context.Set(0, context.Element(0), Shape.OfRank(4));
            return;
        }
        context.Set(0, context.Element(0), new Shape(s[0], Dim.Of(s[1].Size * block * block), Dim.Of(ExpressionMath.FloorDivide(s[2].Size, block)), Dim.Of(ExpressionMath.FloorDivide(s[3].Size, block))));
    }
}
