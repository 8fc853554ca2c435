using System.Collections.Frozen;
using ModelCompiler.Onnx;

namespace ModelCompiler.Optimizer.Passes.Quantization;

/// <summary>
/// move(dequantize(x)) = dequantize(move(x)), where a branch or a loop reads the result. ONNX Runtime itself moves a DequantizeLinear behind what it reaches (QDQPropagation), looks
/// for the branch among the inputs of its node, where it is none, and the process is gone.
/// </summary>
public sealed class CapturedMovements : RewritePass
{
    private const int Scale = 1;

    private static readonly FrozenSet<string> Movements = new[] { "MaxPool", "Reshape", "Transpose", "Squeeze", "Unsqueeze", "Slice" }.ToFrozenSet();

    /// <inheritdoc/>
    public override string Name => "captured-movements";

    /// <inheritdoc/>
    public override bool KeepsTypes => true;

    /// <inheritdoc/>
    protected override bool MayMatch(Node node) => IsMovement(node);

    /// <inheritdoc/>
    protected override Rewrite Visit(Node node, PassContext context)
    {
        if (!IsMovement(node) || node.Inputs[0]?.Producer is not { } real || !real.Is("DequantizeLinear") || real.Constant(Scale) is not { ElementCount: 1 }) return Rewrite.None;
        if (real.Graph != node.Graph || !IsCaptured(node) || real.Inputs[0] is not { } integers) return Rewrite.None;
        Value moved = node.Outputs[0];
        Node dequantize = node.Graph.AddNode("DequantizeLinear", real.Inputs.ToArray(), 1, real.Domain, real.Name.Length > 0 ? $"{real.Name}_moved" : "", node.Next);
        foreach (NodeAttribute attribute in real.Attributes.ToArray()) dequantize.Attributes.Set(attribute);
        dequantize.Outputs[0].Type = moved.Type;
        node.Graph.ReplaceAllUses(moved, dequantize.Outputs[0]);
        moved.Type = moved.Shape is { } shape && integers.ElementType is var type ? new TensorType(type, shape) : null;
        dequantize.SetInput(0, moved);
        node.SetInput(0, integers);
        if (real.Outputs[0].IsUnused) real.Graph.Remove(real);
        return Rewrite.Applied("moves integers: a branch reads what it moves");
    }

    private static bool IsMovement(Node node) => node.Domain is "" && Movements.Contains(node.OpType) && node.Outputs.Length == 1;

    /// <summary>Whether a graph inside reads what the movement makes, or what other movements make of that.</summary>
    private static bool IsCaptured(Node node) =>
        node.Outputs[0].Uses.Any(use => use.Node.Graph != node.Graph || (use.Index == 0 && IsMovement(use.Node) && IsCaptured(use.Node)));
}
