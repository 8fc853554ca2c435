using ModelCompiler.Onnx;

namespace ModelCompiler.Optimizer.Passes.Cleanup;

/// <summary>
/// Slice_b(Slice_a(x)) = Slice(x) with the axes of both. On an axis of both, forward slices of step 1 from the front compose: start = a.start +
/// b.start, end = min(a.end, a.start + b.end).
/// </summary>
public sealed class SliceChains : RewritePass
{
    /// <inheritdoc/>
    public override string Name => "slice-chains";

    /// <inheritdoc/>
    public override bool KeepsTypes => true;

    /// <inheritdoc/>
    protected override bool MayMatch(Node node) => node.Is("Slice");

    /// <inheritdoc/>
    protected override Rewrite Visit(Node node, PassContext context)
    {
        if (node.Input(0)?.Producer is not { } inner || !inner.Is("Slice") || inner.Input(0) is not { } x) return Rewrite.None;
        if (context.Model.Opset < 10) return Rewrite.Refused("operator sets before 10 hold the slice in attributes");
        if (!inner.Output.HasSingleUse) return Rewrite.Refused($"'{inner}' is read elsewhere too");
        if (AxisSlice.Of(inner) is not { } first || AxisSlice.Of(node) is not { } second) return Rewrite.Refused("the slices are not constant");
        foreach ((long axis, AxisSlice slice) in second)
        {
            if (!first.TryGetValue(axis, out AxisSlice before)) first.Add(axis, slice);
            else if (before.Then(slice) is { } both) first[axis] = both;
            else return Rewrite.Refused($"both slice axis {axis}, from the back or by steps");
        }
        return Merge(node, inner, x, first);
    }

    private static Rewrite Merge(Node node, Node inner, Value x, SortedDictionary<long, AxisSlice> slices)
    {
        string name = node.Output.Name;
        Value Vector(string part, IEnumerable<long> values) => node.Graph.AddInitializer($"{name}_{part}", Tensor.Vector<long>([.. values]));
        Value starts = Vector("starts", slices.Values.Select(s => s.Start));
        Value ends = Vector("ends", slices.Values.Select(s => s.End));
        Value axes = Vector("axes", slices.Keys);
        Value steps = Vector("steps", slices.Values.Select(s => s.Step));
        Node merged = node.Graph.AddNode("Slice", [x, starts, ends, axes, steps], 1, name: node.Name, before: node);
        merged.Output.Type = node.Output.Type;
        Rewrite rewrite = Bypass.Around(node, merged.Output, $"became one Slice with '{inner}'");
        DeadCode.RemoveUpwards(rewrite.Change is null ? merged : inner);
        return rewrite;
    }
}
