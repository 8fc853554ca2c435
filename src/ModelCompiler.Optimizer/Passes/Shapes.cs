using ModelCompiler.Onnx;

namespace ModelCompiler.Optimizer.Passes;

/// <summary>What passes ask of shapes.</summary>
internal static class Shapes
{
    /// <summary>Whether both values certainly have the same shape.</summary>
    public static bool AreSame(Value left, Value right)
    {
        if (left.Shape is not { } a || right.Shape is not { } b || a.Rank != b.Rank) return false;
        for (int i = 0; i < a.Rank; i++)
            if (!a[i].IsSame(b[i])) return false;
        return true;
    }

    /// <summary>
    /// The second input of a Reshape from <paramref name="from"/> to <paramref name="to"/>: numbers where they are known, 0 where a dimension is
    /// copied from the same place, −1 for at most one other. Null where that does not say it.
    /// </summary>
    /// <remarks>−1 stands only among numbers above 0: beside a copied dimension that is 0 at run time it would be an error.</remarks>
    public static long[]? ReshapeTarget(Shape from, Shape to)
    {
        long[] target = new long[to.Rank];
        int inferred = 0;
        bool mayBeEmpty = false;
        for (int i = 0; i < target.Length; i++)
        {
            if (to[i].ValueOrNull is { } size and > 0)
            {
                target[i] = size;
            }
            else if (i < from.Rank && from[i].IsSame(to[i]))
            {
                mayBeEmpty = true;
            }
            else if (to[i].IsKnown)
            {
                return null;
            }
            else
            {
                target[i] = -1;
                inferred++;
            }
        }
        return inferred == 0 || (inferred == 1 && !mayBeEmpty) ? target : null;
    }
}
