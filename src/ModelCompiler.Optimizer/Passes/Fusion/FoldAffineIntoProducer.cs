using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes.Fusion.Affine;
using ModelCompiler.Optimizer.Passes.Fusion.Matching;

namespace ModelCompiler.Optimizer.Passes.Fusion;

/// <summary>
/// s ⊙ (W·x + b) + t = (s ⊙ W)·x + (s ⊙ b + t): BatchNormalization at inference, and Mul, Add, Sub, Div and Neg with per-channel constants,
/// into the Conv, ConvTranspose, Gemm or MatMul before them. Requires constant weights, and that nothing else reads what is between.
/// </summary>
public sealed class FoldAffineIntoProducer : RewritePass
{
    /// <inheritdoc/>
    public override string Name => "fold-affine-into-producer";

    /// <inheritdoc/>
    protected override Rewrite Visit(Node node, PassContext context)
    {
        if (ChannelAffine.DataOf(node) is not { } data) return Rewrite.None;
        ChannelPath path = ChannelPath.EndingAt(data);
        if (LinearLayer.ProductBehind(path.Source) is not { } product || !ReferenceEquals(product.Graph, node.Graph)) return Rewrite.None;
        if (LinearLayer.Read(product, path.Source, out string? reason) is not { } layer) return RefusedOrNone(reason);
        if (path.Follow(layer.OutputChannels) is not { } channels) return Rewrite.None;
        if (ChannelAffine.Read(node, channels, out reason) is not { } affine) return RefusedOrNone(reason);
        // An Add after a bare MatMul is its bias already.
        if (affine.IsUnitScale && !layer.HasBiasInput) return Rewrite.None;
        if (SharingReason(product, path, node) is { } shared) return Rewrite.Refused(shared);
        if (layer.AppendToOutput(affine) is { } refusal) return Rewrite.Refused(refusal);
        // The bias of a MatMul may have been added just now, behind the data.
        node.Graph.ReplaceAllUses(node.Outputs[0], ChannelAffine.DataOf(node)!);
        node.Graph.Remove(node);
        return Rewrite.Applied($"folded into the weights of '{product}'");
    }

    private static Rewrite RefusedOrNone(string? reason) => reason is null ? Rewrite.None : Rewrite.Refused(reason);

    private static string? SharingReason(Node product, ChannelPath path, Node user)
    {
        IEnumerable<Value> between = path.Values();
        if (!ReferenceEquals(path.Source, product.Outputs[0])) between = between.Prepend(product.Outputs[0]);
        return between.Select(value => Sharing.Reason(value)).FirstOrDefault(reason => reason is not null);
    }
}
