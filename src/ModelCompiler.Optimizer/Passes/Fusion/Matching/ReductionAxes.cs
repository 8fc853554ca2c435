using ModelCompiler.Onnx;

namespace ModelCompiler.Optimizer.Passes.Fusion.Matching;

/// <summary>The axes of a reduction, as attribute (until opset 12 or 17) or input.</summary>
internal static class ReductionAxes
{
    /// <summary>Those <see cref="FromEnd"/> of a reduction that keeps its dimensions; null where they are dropped.</summary>
    public static int[]? Of(Node reduction) => reduction.Attributes.GetInt("keepdims", 1) == 0 ? null : FromEnd(reduction);

    /// <summary>
    /// The axes counted from the end (−1 is the last), ascending. Null where the axes are not constant, or they are counted from the front and the rank is unknown.
    /// </summary>
    public static int[]? FromEnd(Node reduction)
    {
        long[]? axes = Constants.Integers(reduction.Input(1)) ?? reduction.Attributes.GetInts("axes");
        int? rank = reduction.Input(0)?.Shape?.Rank;
        if (axes is null || axes.Length == 0 || (rank is null && Array.Exists(axes, a => a >= 0))) return null;
        return [.. axes.Select(a => (int)(a < 0 ? a : a - rank!.Value)).Order()];
    }

    /// <summary>A condition for patterns: the axes are the last ones. All reductions of a match must agree on the first of them, <c>axis</c>.</summary>
    public static bool AreTrailing(Node reduction, Match match) =>
        Of(reduction) is { } axes && axes[0] == -axes.Length && axes[^1] == -1 && match.Bind("axis", axes[0]);

    /// <summary>A condition for patterns: it is one axis, the same in all reductions of a match, <c>axis</c>.</summary>
    public static bool IsOne(Node reduction, Match match) => Of(reduction) is [var axis] && match.Bind("axis", axis);
}
