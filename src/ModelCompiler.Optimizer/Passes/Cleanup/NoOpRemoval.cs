using System.Collections.Frozen;
using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes.Fusion.Normalizations;

namespace ModelCompiler.Optimizer.Passes.Cleanup;

/// <summary>y = f(x) where f changes neither an element nor the shape: what reads y reads x. One rule per operator says when.</summary>
public sealed class NoOpRemoval : RewritePass
{
    private static readonly FrozenDictionary<string, Func<Node, NoOp>> Rules = new Dictionary<string, Func<Node, NoOp>>
    {
        ["Cast"] = MovementNoOps.Cast,
        ["CastLike"] = MovementNoOps.CastLike,
        ["Reshape"] = MovementNoOps.Reshape,
        ["Flatten"] = MovementNoOps.Reshape,
        ["Squeeze"] = MovementNoOps.Reshape,
        ["Unsqueeze"] = MovementNoOps.Reshape,
        ["Expand"] = MovementNoOps.Reshape,
        ["Tile"] = MovementNoOps.Reshape,
        ["Transpose"] = MovementNoOps.Transpose,
        ["Slice"] = MovementNoOps.Slice,
        ["Pad"] = MovementNoOps.Pad,
        ["Split"] = MovementNoOps.Split,
        ["Concat"] = MovementNoOps.SingleInput,
        ["Max"] = MovementNoOps.SingleInput,
        ["Min"] = MovementNoOps.SingleInput,
        ["Sum"] = MovementNoOps.SingleInput,
        ["Mean"] = MovementNoOps.SingleInput,
        ["DepthToSpace"] = MovementNoOps.Block,
        ["SpaceToDepth"] = MovementNoOps.Block,
        ["Resize"] = MovementNoOps.Resize,
        ["Upsample"] = MovementNoOps.Resize,
        ["ReduceSum"] = MovementNoOps.Reduce,
        ["ReduceMean"] = MovementNoOps.Reduce,
        ["ReduceMax"] = MovementNoOps.Reduce,
        ["ReduceMin"] = MovementNoOps.Reduce,
        ["ReduceProd"] = MovementNoOps.Reduce,
        ["Add"] = ArithmeticNoOps.Add,
        ["Sub"] = ArithmeticNoOps.Sub,
        ["Mul"] = ArithmeticNoOps.Mul,
        ["Div"] = ArithmeticNoOps.Div,
        ["Pow"] = ArithmeticNoOps.Pow,
        ["And"] = ArithmeticNoOps.And,
        ["Or"] = ArithmeticNoOps.Or,
        ["Xor"] = ArithmeticNoOps.Or,
        ["Where"] = ArithmeticNoOps.Where,
    }.ToFrozenDictionary();

    /// <inheritdoc/>
    public override string Name => "no-op-removal";

    /// <inheritdoc/>
    public override bool KeepsTypes => true;

    /// <inheritdoc/>
    protected override bool MayMatch(Node node) => node.Domain.Length == 0 && Rules.ContainsKey(node.OpType);

    /// <inheritdoc/>
    protected override Rewrite Visit(Node node, PassContext context)
    {
        NoOp verdict = Rules[node.OpType](node);
        if (verdict.Input is not { } index) return verdict.Text is { } reason ? Rewrite.Refused(reason) : Rewrite.None;
        Value input = node.Input(index)!;
        if (node.Is("Mul") && NormalizationForms.IsLayerNormalization(input)) return Rewrite.Refused("it is the scale of a layer normalization in pieces, which the provider joins with it when it loads them");
        return Bypass.Around(node, input, verdict.Text!);
    }
}
