using ModelCompiler.Onnx;

namespace ModelCompiler.Optimizer.Passes.Cleanup;

/// <summary>Concat(a, Concat(b, c), d) = Concat(a, b, c, d) along one axis. Inputs that have no elements there are left out.</summary>
public sealed class ConcatChains : RewritePass
{
    /// <inheritdoc/>
    public override string Name => "concat-chains";

    /// <inheritdoc/>
    public override bool KeepsTypes => true;

    /// <inheritdoc/>
    protected override bool MayMatch(Node node) => node.Is("Concat");

    /// <inheritdoc/>
    protected override Rewrite Visit(Node node, PassContext context)
    {
        if (AxisOf(node) is not { } axis) return Rewrite.None;
        var inner = new List<Node>();
        var inputs = new List<Value>();
        foreach (Value? input in node.Inputs) Add(input!, axis, inputs, inner);
        List<Value> filled = inputs.FindAll(input => !(input.Shape is { } shape && shape[axis].ValueOrNull == 0));
        // A Concat of nothing but empty tensors still gives one.
        if (filled.Count > 0) inputs = filled;
        return inputs.Count == node.Inputs.Length && inner.Count == 0 ? Rewrite.None : Replace(node, axis, inputs, inner);
    }

    private static void Add(Value input, int axis, List<Value> inputs, List<Node> inner)
    {
        if (input.Producer is not { } concat || !input.HasSingleUse || AxisOf(concat) != axis)
        {
            inputs.Add(input);
            return;
        }
        inner.Add(concat);
        foreach (Value? part in concat.Inputs) inputs.Add(part!);
    }

    private static Rewrite Replace(Node node, int axis, List<Value> inputs, List<Node> inner)
    {
        Node concat = node.Graph.AddNode("Concat", inputs.ToArray(), 1, name: node.Name, before: node);
        concat.Attributes.Set("axis", axis);
        concat.Output.Type = node.Output.Type;
        string what = inner.Count > 0 ? $"takes the inputs of {string.Join(", ", inner.Select(other => $"'{other}'"))}" : "leaves out inputs without elements";
        Rewrite rewrite = Bypass.Around(node, concat.Output, what);
        foreach (Node other in inner) DeadCode.RemoveUpwards(other);
        return rewrite;
    }

    /// <summary>The axis of a Concat, counted from the front; null where that is not known, or the node another one.</summary>
    internal static int? AxisOf(Node node)
    {
        if (!node.Is("Concat")) return null;
        long axis = node.Attributes.GetInt("axis", 1);
        int? rank = node.Output.Shape?.Rank ?? node.Input(0)?.Shape?.Rank;
        if (rank is { } n && axis < 0) axis += n;
        return axis >= 0 && (rank is null || axis < rank) ? (int)axis : null;
    }
}
