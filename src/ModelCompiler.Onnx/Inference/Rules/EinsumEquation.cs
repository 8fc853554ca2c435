namespace ModelCompiler.Onnx.Inference.Rules;

/// <summary>Reads an equation such as <c>bij,bjk->bik</c>; <c>...</c> stands for axes that broadcast.</summary>
internal static class EinsumEquation
{
    private const string Ellipsis = "...";

    /// <summary>The shape of the result, or null where a rank is unknown or the equation does not fit.</summary>
    public static Shape? Apply(InferenceContext context, string equation)
    {
        string text = equation.Replace(" ", "", StringComparison.Ordinal);
        int arrow = text.IndexOf("->", StringComparison.Ordinal);
        string[] operands = (arrow < 0 ? text : text[..arrow]).Split(',');
        if (operands.Length != context.InputCount) return null;
        var sizes = new SortedDictionary<char, Dim>();
        Shape? broadcast = Shape.Scalar;
        for (int i = 0; i < operands.Length; i++)
        {
            if (context.Shape(i) is not { } shape || !ReadOperand(context, operands[i], shape, sizes, ref broadcast)) return null;
        }
        return Result(arrow < 0 ? ImplicitResult(operands) : text[(arrow + 2)..], sizes, broadcast);
    }

    private static bool ReadOperand(InferenceContext context, string operand, Shape shape, SortedDictionary<char, Dim> sizes, ref Shape? broadcast)
    {
        int dots = operand.IndexOf(Ellipsis, StringComparison.Ordinal);
        int named = dots < 0 ? operand.Length : operand.Length - Ellipsis.Length;
        if (named > shape.Rank || dots < 0 && named != shape.Rank) return false;
        int free = shape.Rank - named;
        int axis = 0;
        for (int i = 0; i < operand.Length; i++)
        {
            if (i == dots)
            {
                broadcast = ShapeMath.Broadcast(context, broadcast, new Shape(shape.Dims.Slice(axis, free)));
                axis += free;
                i += Ellipsis.Length - 1;
                continue;
            }
            if (!char.IsAsciiLetter(operand[i])) return false;
            Dim dim = shape[axis++];
            sizes[operand[i]] = sizes.TryGetValue(operand[i], out Dim known) ? MorePrecise(known, dim) : dim;
        }
        return true;
    }

    // One letter is one size; a 1 broadcasts.
    private static Dim MorePrecise(Dim known, Dim other) => known.ValueOrNull is > 1 || !known.IsKnown && other.ValueOrNull is null or 1 ? known : other;

    // Without an arrow: the letters that stand once, in alphabetical order, behind the broadcast axes.
    private static string ImplicitResult(string[] operands)
    {
        string all = string.Concat(operands);
        IEnumerable<char> once = all.Where(char.IsAsciiLetter).GroupBy(c => c).Where(g => g.Count() == 1).Select(g => g.Key).Order();
        return (all.Contains(Ellipsis, StringComparison.Ordinal) ? Ellipsis : "") + string.Concat(once);
    }

    private static Shape? Result(string result, SortedDictionary<char, Dim> sizes, Shape? broadcast)
    {
        if (broadcast is null) return null;
        var dims = new List<Dim>();
        for (int i = 0; i < result.Length; i++)
        {
            if (result.AsSpan(i).StartsWith(Ellipsis))
            {
                dims.AddRange(broadcast);
                i += Ellipsis.Length - 1;
            }
            else if (sizes.TryGetValue(result[i], out Dim dim))
            {
                dims.Add(dim);
            }
            else
            {
                return null;
            }
        }
        return new Shape([.. dims]);
    }
}
