using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes.Fusion.Matching;

namespace ModelCompiler.Optimizer.Passes.Cleanup;

/// <summary>
/// R2(R1(x)) = Reshape(x, shape) for operators R1, R2 that only give the elements another shape: Reshape, Flatten, Squeeze, Unsqueeze, where the
/// shape can be said by a constant.
/// </summary>
public sealed class ReshapeChains : RewritePass
{
    /// <inheritdoc/>
    public override string Name => "reshape-chains";

    /// <inheritdoc/>
    public override bool KeepsTypes => true;

    /// <inheritdoc/>
    protected override bool MayMatch(Node node) => IsReshaping(node);

    /// <inheritdoc/>
    protected override Rewrite Visit(Node node, PassContext context)
    {
        if (node.Input(0)?.Producer is not { } inner || !IsReshaping(inner) || inner.Input(0) is not { } x) return Rewrite.None;
        if (KeepsMeaning(node, x))
        {
            node.SetInput(0, x);
            return Rewrite.Applied($"reshapes the input of '{inner}' at once");
        }
        if (Target(node, x) is not { } target) return Rewrite.Refused("the shape depends on more than one dimension that is not known");
        Value shape = node.Graph.AddInitializer(node.Outputs[0].Name + "_shape", Tensor.Vector<long>(target));
        Node reshape = node.Graph.AddNode("Reshape", [x, shape], 1, name: node.Name, before: node);
        reshape.Output.Type = node.Output.Type;
        return Bypass.Around(node, reshape.Output, $"became one Reshape with '{inner}'");
    }

    private static bool IsReshaping(Node node) => node.Domain.Length == 0 && node.OpType is "Reshape" or "Flatten" or "Squeeze" or "Unsqueeze";

    /// <summary>A Reshape to numbers, of which one may be left open, says the same of x. It is kept as it is, for it says more than inference may know.</summary>
    private static bool KeepsMeaning(Node node, Value x) => node.Is("Reshape") && Constants.Integers(node.Input(1)) is { } target
        && Array.TrueForAll(target, size => size is > 0 or -1) && x.Shape is not null;

    private static long[]? Target(Node node, Value x) =>
        x.Shape is { } from && node.Output.Shape is { } to ? Shapes.ReshapeTarget(from, to) : null;
}
