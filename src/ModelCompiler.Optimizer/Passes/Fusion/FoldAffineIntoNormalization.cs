using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes.Fusion.Affine;
using ModelCompiler.Optimizer.Passes.Fusion.Matching;

namespace ModelCompiler.Optimizer.Passes.Fusion;

/// <summary>
/// s ⊙ (γ ⊙ n + β) + t = (s ⊙ γ) ⊙ n + (s ⊙ β + t): Mul, Add, Sub, Div and Neg with constants into the scale and bias of the
/// LayerNormalization (over one axis), InstanceNormalization or GroupNormalization before them.
/// </summary>
public sealed class FoldAffineIntoNormalization : RewritePass
{
    /// <inheritdoc/>
    public override string Name => "fold-affine-into-normalization";

    /// <inheritdoc/>
    protected override Rewrite Visit(Node node, PassContext context)
    {
        if (ChannelAffine.DataOf(node) is not { Producer: { } normalization } data || !ReferenceEquals(normalization.Graph, node.Graph)) return Rewrite.None;
        if (Channels(normalization) is not { } channels) return Rewrite.None;
        if (ChannelAffine.Read(node, channels, out string? reason) is not { } affine) return reason is null ? Rewrite.None : Rewrite.Refused(reason);
        if (Sharing.Reason(data) is { } shared) return Rewrite.Refused(shared);
        if (Constants.Of(normalization.Input(1)) is not { } gamma || Constants.Numbers(gamma) is not { } scale) return Rewrite.Refused("its scale is not constant");
        double[]? bias = normalization.Input(2) is { } old ? Constants.Numbers(old) : new double[scale.Length];
        if (bias is null) return Rewrite.Refused("its bias is not constant");
        for (int c = 0; c < scale.Length; c++)
        {
            scale[c] *= affine.Scale[c];
            bias[c] = bias[c] * affine.Scale[c] + affine.Shift[c];
        }
        if (!Write(normalization, gamma.ElementType, scale, bias)) return Rewrite.Refused("the folded scale and bias would not be finite");
        node.Graph.ReplaceAllUses(node.Outputs[0], data);
        node.Graph.Remove(node);
        return Rewrite.Applied($"folded into scale and bias of '{normalization}'");
    }

    private static ChannelAxis? Channels(Node normalization)
    {
        if (normalization.Domain.Length > 0 || Constants.Of(normalization.Input(1)) is not { Rank: 1, ElementCount: <= int.MaxValue } scale) return null;
        int? rank = normalization.Input(0)?.Shape?.Rank;
        int channels = (int)scale.ElementCount;
        if (normalization.OpType is "InstanceNormalization" or "GroupNormalization") return rank is { } known ? new ChannelAxis(1, known, channels) : null;
        // Mean and deviation, the further outputs, stay what they are.
        if (!normalization.Is("LayerNormalization")) return null;
        return rank is { } r ? new ChannelAxis(r - 1, r, channels) : ChannelAxis.Last(channels);
    }

    private static bool Write(Node normalization, ElementType type, double[] scale, double[] bias)
    {
        Graph graph = normalization.Graph;
        if (Constants.Rounded(type, scale, scale.Length) is not { } scales || Constants.Rounded(type, bias, bias.Length) is not { } biases) return false;
        normalization.SetInput(1, graph.AddInitializer(normalization.Inputs[1]!.Name, scales));
        if (normalization.Input(2) is not null || !Array.TrueForAll(bias, b => b == 0))
            normalization.SetInput(2, graph.AddInitializer(normalization.Input(2)?.Name ?? normalization.Outputs[0].Name + "_bias", biases));
        return true;
    }
}
