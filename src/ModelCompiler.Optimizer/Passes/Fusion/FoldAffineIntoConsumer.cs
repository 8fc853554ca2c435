using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes.Fusion.Affine;
using ModelCompiler.Optimizer.Passes.Fusion.Matching;
using ModelCompiler.Optimizer.Passes.Fusion.Normalizations;

namespace ModelCompiler.Optimizer.Passes.Fusion;

/// <summary>
/// W·(s ⊙ x + t) + b = (W ⊙ s)·x + (W·t + b): BatchNormalization at inference, and Mul, Add, Sub, Div and Neg with per-channel constants,
/// into the Conv, ConvTranspose, Gemm or MatMul after them. Requires constant weights, no other reader, and for a shift no padding: a padded
/// zero is not shifted. Before padding, s ⊙ x + t = s ⊙ (x + t/s) and the scale alone is folded.
/// </summary>
public sealed class FoldAffineIntoConsumer : RewritePass
{
    // Adding t/s rounds x to the precision of t/s: beside a large one, small inputs lose digits that a network may amplify.
    private const double LargestShift = 32;

    /// <inheritdoc/>
    public override string Name => "fold-affine-into-consumer";

    /// <inheritdoc/>
    protected override Rewrite Visit(Node node, PassContext context)
    {
        if (ChannelAffine.DataOf(node) is not { } data) return Rewrite.None;
        Value output = node.Outputs[0];
        ChannelPath path = ChannelPath.StartingAt(output);
        if (ProductReading(path.End) is not { } product || !ReferenceEquals(product.Graph, node.Graph)) return Alone(node);
        if (LinearLayer.Read(product, null, out string? reason) is not { } layer) return RefusedOrNone(reason);
        if (path.Retrace(layer.InputChannels) is not { } channels) return Rewrite.None;
        if (ChannelAffine.Read(node, channels, out reason) is not { } affine) return RefusedOrNone(reason);
        if (NormalizationForms.IsLayerNormalization(data)) return Rewrite.Refused("it is the scale or bias of a layer normalization in pieces, which the provider joins when it loads them together");
        if (path.Values().Select(Sharing.Reason).FirstOrDefault(r => r is not null) is { } shared) return Rewrite.Refused(shared);
        if (!affine.IsZeroShift && layer.InputShiftReason is { } unshiftable)
            return affine.IsUnitScale && FoldScaleBefore(node, data, channels, layer, affine) ? Rewrite.Applied($"left its scale to the weights of '{product}'") : Rewrite.Refused(unshiftable);
        // A shift would come out as another Add: a gain only where it takes a whole normalization with it.
        if (!affine.IsZeroShift && !layer.HasBiasInput && !node.Is("BatchNormalization")) return Rewrite.None;
        if (layer.PrependToInput(affine) is { } refusal) return Rewrite.Refused(refusal);
        node.Graph.ReplaceAllUses(output, data);
        node.Graph.Remove(node);
        return Rewrite.Applied($"folded into the weights of '{product}'");
    }

    private static Node? ProductReading(Value value) =>
        value.Uses.FirstOrDefault(use => use.Index == 0 && LinearLayer.IsProduct(use.Node)).Node;

    /// <summary>s ⊙ x + t before padding becomes x + t/s, the scale goes into the weights.</summary>
    private static bool FoldScaleBefore(Node shift, Value data, ChannelAxis channels, LinearLayer layer, ChannelAffine affine)
    {
        if (data is not { Producer: { Domain: "", OpType: "Mul" or "Div" or "Neg" } scale, HasSingleUse: true } || !ReferenceEquals(scale.Graph, shift.Graph)) return false;
        if (ChannelAffine.DataOf(scale) is not { } x || ChannelAffine.Read(scale, channels, out _) is not { } before) return false;
        double[] shifts = [.. affine.Shift.Zip(before.Scale, (t, s) => t / s)];
        if (Array.Exists(shifts, t => !(Math.Abs(t) <= LargestShift))) return false;
        long[] dims = affine.IsUniform && before.IsUniform ? [] : [channels.Channels, .. Enumerable.Repeat(1L, channels.FromEnd - 1)];
        Tensor? constant = Constants.Rounded(layer.Weights.ElementType, dims.Length == 0 ? shifts.AsSpan(0, 1) : shifts, dims);
        if (constant is null || layer.PrependToInput(before) is not null) return false;
        Graph graph = shift.Graph;
        Node add = graph.AddNode("Add", [x, graph.AddInitializer(shift.Outputs[0].Name + "_shift", constant)], name: shift.Name, before: shift);
        add.Output.Type = shift.Outputs[0].Type;
        graph.ReplaceAllUses(shift.Outputs[0], add.Output);
        graph.Remove(shift);
        graph.Remove(scale);
        return true;
    }

    private static Rewrite Alone(Node node) => node.Is("BatchNormalization")
        ? Rewrite.Refused("no convolution or product with constant weights stands directly before or after it")
        : Rewrite.None;

    private static Rewrite RefusedOrNone(string? reason) => reason is null ? Rewrite.None : Rewrite.Refused(reason);
}
