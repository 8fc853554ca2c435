namespace ModelCompiler.Onnx.Inference.Rules;

/// <summary>Products of matrices.</summary>
internal static class LinearAlgebra
{
    public static void Register(RuleTable rules)
    {
        rules.Onnx(c => MatMul(c, 0, 1, c.Element(0)), "MatMul");
        rules.Onnx(c => MatMul(c, 0, 1, ElementType.Int32), "MatMulInteger");
        rules.Onnx(c => MatMul(c, 0, 3, c.Element(7)), "QLinearMatMul");
        rules.Onnx(c => Gemm(c, 0, 1, c.Element(0)), "Gemm");
        rules.Onnx(Det, "Det");
        rules.Onnx(Einsum, "Einsum");
    }

    /// <summary>[…, m, k] by […, k, n] gives […, m, n], the leading axes broadcast; a vector stands for a row or column that is dropped after.</summary>
    public static void MatMul(InferenceContext context, int left, int right, ElementType element) =>
        context.Set(0, element, MatMulShape(context, context.Shape(left), context.Shape(right)));

    /// <inheritdoc cref="MatMul"/>
    public static Shape? MatMulShape(InferenceContext context, Shape? left, Shape? right)
    {
        if (left is null || right is null || left.Rank == 0 || right.Rank == 0) return null;
        Dim inner = left[left.Rank - 1];
        Dim otherInner = right.Rank == 1 ? right[0] : right[right.Rank - 2];
        if (!inner.IsCompatible(otherInner)) context.Contradiction($"inner dimensions {inner} and {otherInner} of a matrix product differ");
        Shape? batch = ShapeMath.Broadcast(context, Leading(left), Leading(right));
        if (batch is null) return null;
        var dims = new List<Dim>(batch.Dims.ToArray());
        if (left.Rank > 1) dims.Add(left[left.Rank - 2]);
        if (right.Rank > 1) dims.Add(right[right.Rank - 1]);
        return new Shape([.. dims]);
    }

    /// <summary>[m, n], from [m, k] by [k, n] after the transpositions that the attributes ask for.</summary>
    public static void Gemm(InferenceContext context, int left, int right, ElementType element)
    {
        Dim rows = context.Dimension(left, context.Int("transA", 0) != 0 ? 1 : 0);
        Dim columns = context.Dimension(right, context.Int("transB", 0) != 0 ? 0 : 1);
        context.Set(0, element, new Shape(rows, columns));
    }

    private static Shape Leading(Shape shape) => new(shape.Dims[..Math.Max(0, shape.Rank - 2)]);

    private static void Det(InferenceContext context) =>
        context.Set(0, context.Element(0), context.Shape(0) is { Rank: >= 2 } shape ? Leading(shape) : null);

    private static void Einsum(InferenceContext context)
    {
        Shape? shape = EinsumEquation.Apply(context, context.String("equation", ""));
        if (shape is null) context.Because("the equation does not fit the inputs, or a rank is unknown");
        context.Set(0, Elementwise.FirstElement(context), shape);
    }
}
