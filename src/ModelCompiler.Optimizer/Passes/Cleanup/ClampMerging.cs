using ModelCompiler.Onnx;

namespace ModelCompiler.Optimizer.Passes.Cleanup;

/// <summary>
/// Clamps in a row become one. With c(x) = min(max(x, l), h), of which Relu is c with [0, ∞): c₂(c₁(x)) = c(x) with
/// l = c₂(l₁), h = c₂(h₁): where the ranges do not meet, both are the same number.
/// </summary>
public sealed class ClampMerging : RewritePass
{
    /// <inheritdoc/>
    public override string Name => "clamp-merging";

    /// <inheritdoc/>
    public override bool KeepsTypes => true;

    /// <inheritdoc/>
    protected override bool MayMatch(Node node) => IsClamp(node);

    /// <inheritdoc/>
    protected override Rewrite Visit(Node node, PassContext context)
    {
        if (node.Input(0)?.Producer is not { } inner || !IsClamp(inner)) return Rewrite.None;
        // Before operator set 11, a Clip is written in another way.
        if (context.Model.Opset < 11 && (node.Is("Clip") || inner.Is("Clip"))) return Rewrite.Refused("operator sets before 11 hold the bounds in attributes");
        if (ClampRange.Of(inner) is not { } first || ClampRange.Of(node) is not { } second) return Rewrite.Refused("the bounds are not constant");
        ClampRange merged = first.Then(second);
        if (merged == first) return Bypass.Around(node, inner.Output, $"'{inner}' has clamped as much");
        if (merged is { Low: 0, High: 0 }) return Rewrite.Refused("which zero comes out depends on the kernel");
        if (!inner.Output.HasSingleUse) return Rewrite.Refused($"'{inner}' is read elsewhere too");
        return Merge(node, inner, merged);
    }

    private static bool IsClamp(Node node) => node.Is("Relu") || node.Is("Clip");

    private static Rewrite Merge(Node node, Node inner, ClampRange merged)
    {
        Value x = inner.Input(0)!;
        if (merged == ClampRange.OfRelu) return Replace(node, node.Graph.AddNode("Relu", [x], 1, name: node.Name, before: node), inner);
        if (!merged.TryGetBounds(x.ElementType, out Tensor? low, out Tensor? high)) return Rewrite.Refused($"{x.ElementType} does not hold the bounds");
        Value? min = low is null ? null : node.Graph.AddInitializer(node.Output.Name + "_min", low);
        Value? max = high is null ? null : node.Graph.AddInitializer(node.Output.Name + "_max", high);
        ReadOnlySpan<Value?> inputs = max is null ? [x, min] : [x, min, max];
        return Replace(node, node.Graph.AddNode("Clip", inputs, 1, name: node.Name, before: node), inner);
    }

    private static Rewrite Replace(Node node, Node clamp, Node inner)
    {
        clamp.Output.Type = node.Output.Type;
        Rewrite rewrite = Bypass.Around(node, clamp.Output, $"became one clamp with '{inner}'");
        DeadCode.RemoveUpwards(rewrite.Change is null ? clamp : inner);
        return rewrite;
    }
}
