using ModelCompiler.Onnx;

namespace ModelCompiler.Optimizer.Passes;

/// <summary>Permutations of axes: output axis i is input axis p[i].</summary>
internal static class Permutation
{
    /// <summary>The permutation of a Transpose, by default the reversal; null where neither attribute nor rank tells, or it is none.</summary>
    public static long[]? Of(Node transpose)
    {
        if (transpose.Attributes.GetInts("perm") is { } perm) return IsPermutation(perm) ? perm : null;
        int? rank = transpose.Input(0)?.Shape?.Rank ?? transpose.Outputs[0].Shape?.Rank;
        return rank is { } n ? [.. Enumerable.Range(0, n).Select(i => (long)(n - 1 - i))] : null;
    }

    /// <summary>Whether every axis stays where it is.</summary>
    public static bool IsIdentity(ReadOnlySpan<long> perm)
    {
        for (int i = 0; i < perm.Length; i++)
            if (perm[i] != i) return false;
        return true;
    }

    private static bool IsPermutation(long[] perm)
    {
        bool[] seen = new bool[perm.Length];
        foreach (long axis in perm)
        {
            if (axis < 0 || axis >= perm.Length || seen[axis]) return false;
            seen[axis] = true;
        }
        return true;
    }
}
