using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes.Fusion.Matching;
using static ModelCompiler.Optimizer.Passes.Fusion.Matching.Pattern;

namespace ModelCompiler.Optimizer.Passes.Fusion.Normalizations;

/// <summary>
/// InstanceNormalization over x reshaped to [batch, groups, −1], and back (Wu and He 2018): GroupNormalization, as PyTorch takes it apart. Scale
/// and bias follow by <see cref="FoldAffineIntoNormalization"/>. Not on ONNX Runtime's CPU provider, which has no kernel for it.
/// </summary>
public sealed class GroupNormalizationFusion : FusionPass
{
    /// <inheritdoc/>
    public override string Name => "fuse-group-normalization";

    /// <inheritdoc/>
    private protected override IReadOnlyList<Pattern> Forms { get; } =
        [Op("Reshape", Op("InstanceNormalization", IsPlain, Op("Reshape", Any("x")), Constant("scale"), Constant("bias")))];

    /// <inheritdoc/>
    private protected override Rewrite Fuse(Match match, PassContext context)
    {
        Node instance = match.Nodes.First(node => node.Is("InstanceNormalization"));
        if (GroupsOf(match["x"], instance.Inputs[0]!, match.Root.Outputs[0]) is not var (groups, channels)) return Rewrite.None;
        if (Operators.Refusal(context, "GroupNormalization", 21) is { } refusal) return Rewrite.Refused(refusal);
        if (match.SharingReason() is { } shared) return Rewrite.Refused(shared);
        Graph graph = match.Root.Graph;
        float epsilon = instance.Attributes.GetFloat("epsilon", 1e-5f);
        float[] ones = new float[channels];
        Array.Fill(ones, 1f);
        Node node = Replace(match, "GroupNormalization", [match["x"], graph.AddInitializer("scale", Tensor.Vector<float>(ones)), graph.AddInitializer("bias", Tensor.Vector<float>(new float[channels]))]);
        node.Attributes.Set("num_groups", groups);
        node.Attributes.Set("epsilon", epsilon);
        return Rewrite.Applied("became GroupNormalization");
    }

    private static (long Groups, long Channels)? GroupsOf(Value x, Value grouped, Value result)
    {
        if (x.Shape is not { Rank: >= 3 } shape || shape[1].ValueOrNull is not { } channels || !Shapes.AreSame(x, result)) return null;
        if (grouped.Shape is not { Rank: 3 } parts || parts[1].ValueOrNull is not { } groups) return null;
        return groups > 0 && channels % groups == 0 && shape[0].IsSame(parts[0]) ? (groups, channels) : null;
    }

    private static bool IsPlain(Node node, Match match) =>
        node.Inputs[0]!.ElementType == ElementType.Float && IsFilled(match["scale"], 1) && IsFilled(match["bias"], 0);

    private static bool IsFilled(Value value, double number) => Constants.Numbers(value) is { } numbers && Array.TrueForAll(numbers, n => n == number);
}
