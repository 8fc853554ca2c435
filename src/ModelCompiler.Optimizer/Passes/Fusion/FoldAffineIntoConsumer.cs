using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes.Fusion.Affine;
using ModelCompiler.Optimizer.Passes.Fusion.Matching;

namespace ModelCompiler.Optimizer.Passes.Fusion;

/// <summary>
/// W·(s ⊙ x + t) + b = (W ⊙ s)·x + (W·t + b): BatchNormalization at inference, and Mul, Add, Sub, Div and Neg with per-channel constants,
/// into the Conv, ConvTranspose, Gemm or MatMul after them. Requires constant weights, no other reader, and for a shift no padding: a padded
/// zero is not shifted.
/// </summary>
public sealed class FoldAffineIntoConsumer : RewritePass
{
    /// <inheritdoc/>
    public override string Name => "fold-affine-into-consumer";

    /// <inheritdoc/>
    protected override Rewrite Visit(Node node, PassContext context)
    {
        if (ChannelAffine.DataOf(node) is not { } data) return Rewrite.None;
        Value output = node.Outputs[0];
        if (output.Uses.Select(use => use.Node).FirstOrDefault(n => IsFedBy(n, output)) is not { } product) return Alone(node);
        if (LinearLayer.Read(product, null, out string? reason) is not { } layer) return RefusedOrNone(reason);
        if (ChannelAffine.Read(node, layer.InputChannels, out reason) is not { } affine) return RefusedOrNone(reason);
        if (Sharing.Reason(output) is { } shared) return Rewrite.Refused(shared);
        if (!affine.IsZeroShift && layer.InputShiftReason is { } unshiftable) return Rewrite.Refused(unshiftable);
        // A shift would come out as another Add: a gain only where it takes a whole normalization with it.
        if (!affine.IsZeroShift && !layer.HasBiasInput && !node.Is("BatchNormalization")) return Rewrite.None;
        if (layer.PrependToInput(affine) is { } refusal) return Rewrite.Refused(refusal);
        product.SetInput(0, data);
        node.Graph.Remove(node);
        return Rewrite.Applied($"folded into the weights of '{product}'");
    }

    // The weights of a subgraph's product may be read in every turn of a loop: what is computed once outside stays there.
    private static bool IsFedBy(Node node, Value value) =>
        LinearLayer.IsProduct(node) && ReferenceEquals(node.Input(0), value) && ReferenceEquals(node.Graph, value.Graph);

    private static Rewrite Alone(Node node) => node.Is("BatchNormalization")
        ? Rewrite.Refused("no convolution or product with constant weights stands directly before or after it")
        : Rewrite.None;

    private static Rewrite RefusedOrNone(string? reason) => reason is null ? Rewrite.None : Rewrite.Refused(reason);
}
