using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes.Fusion.Matching;

namespace ModelCompiler.Optimizer.Passes;

/// <summary>What a Slice takes of one axis, as the operator says it: negative positions count from the end, those beyond an end are cut to it.</summary>
internal readonly record struct AxisSlice(long Start, long End, long Step)
{
    /// <summary>The slices of a Slice node (operator set 10 and later) by axis counted from the front; null where they or the axes are not known.</summary>
    public static SortedDictionary<long, AxisSlice>? Of(Node node)
    {
        if (Constants.Integers(node.Input(1)) is not { } starts || Constants.Integers(node.Input(2)) is not { } ends) return null;
        if (Optional(node, 3, i => i, starts.Length) is not { } axes || Optional(node, 4, _ => 1, starts.Length) is not { } steps) return null;
        if (ends.Length != starts.Length || axes.Length != starts.Length || steps.Length != starts.Length) return null;
        var result = new SortedDictionary<long, AxisSlice>();
        for (int i = 0; i < axes.Length; i++)
        {
            if (axes[i] < 0 && node.Input(0)?.Shape is null) return null;
            long axis = axes[i] < 0 ? axes[i] + node.Input(0)!.Shape!.Rank : axes[i];
            if (!result.TryAdd(axis, new AxisSlice(starts[i], ends[i], steps[i]))) return null;
        }
        return result;
    }

    /// <summary>This slice, then <paramref name="next"/>, as one; null where that takes the size of the axis.</summary>
    public AxisSlice? Then(AxisSlice next)
    {
        if (Step != 1 || next.Step != 1 || Start < 0 || End < 0 || next.Start < 0 || next.End < 0) return null;
        return new AxisSlice(Add(Start, next.Start), Math.Min(End, Add(Start, next.End)), 1);
    }

    private static long Add(long left, long right) => left > long.MaxValue - right ? long.MaxValue : left + right;

    private static long[]? Optional(Node node, int input, Func<int, long> byDefault, int count) => node.Input(input) is null
        ? [.. Enumerable.Range(0, count).Select(byDefault)]
        : Constants.Integers(node.Input(input));
}
