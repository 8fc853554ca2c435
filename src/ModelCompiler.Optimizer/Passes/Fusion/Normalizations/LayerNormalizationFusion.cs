using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes.Fusion.Affine;
using ModelCompiler.Optimizer.Passes.Fusion.Matching;
using static ModelCompiler.Optimizer.Passes.Fusion.Matching.Pattern;
using static ModelCompiler.Optimizer.Passes.Fusion.Normalizations.NormalizationForms;

namespace ModelCompiler.Optimizer.Passes.Fusion.Normalizations;

/// <summary>
/// (x − μ) / √(σ² + ε) with mean and variance over the last axes (Ba et al. 2016, equation 4): LayerNormalization, or InstanceNormalization
/// where the axes are all behind the channels of an image. Scale and bias follow by <see cref="FoldAffineIntoNormalization"/>.
/// </summary>
public sealed class LayerNormalizationFusion : FusionPass
{
    /// <inheritdoc/>
    public override string Name => "fuse-layer-normalization";

    /// <inheritdoc/>
    private protected override IReadOnlyList<Pattern> Forms { get; } =
    [
        .. DividedByRoot(Centered, Power(Centered)),
        TensorFlowForm,
    ];

    // x·s + (β − μ·s) with s = γ / √(σ² + ε): tf.nn.batch_normalization over the moments of the last axes.
    private static Pattern TensorFlowForm => Op("Add",
        Op("Mul", Any("x"), Named("s", Op("Mul", ReciprocalRoot(Power(CenteredBy(Named("mean", Mean(Any("x")))))), Constant("scale")))),
        Op("Sub", Constant("bias"), Op("Mul", Any("mean"), Any("s"))));

    /// <inheritdoc/>
    private protected override Rewrite Fuse(Match match, PassContext context)
    {
        Value x = match["x"];
        if (x.ElementType is not ElementType.Float) return Rewrite.None;
        int axes = -(int)match.Number("axis");
        bool isInstance = !IsTensorFlowForm(match) && IsPerChannel(match, x, axes);
        if (Operators.Refusal(context, isInstance ? "InstanceNormalization" : "LayerNormalization", isInstance ? 6 : 17) is { } refusal) return Rewrite.Refused(refusal);
        if (match.SharingReason() is { } shared) return Rewrite.Refused(shared);
        return isInstance ? ToInstance(match, x) : ToLayer(match, x, axes);
    }

    private static bool IsTensorFlowForm(Match match) => match.Root.Is("Add");

    // Over one axis it is the features of a token, unless what follows scales the axis before it.
    private static bool IsPerChannel(Match match, Value x, int axes)
    {
        if (x.Shape is not { } shape || shape.Rank != axes + 2 || !shape[1].IsKnown) return false;
        if (axes > 1) return true;
        Value output = match.Root.Outputs[0];
        return output.HasSingleUse && ReferenceEquals(ChannelAffine.DataOf(output.Uses[0].Node), output)
            && ChannelAffine.Read(output.Uses[0].Node, new ChannelAxis(1, shape.Rank, (int)shape[1].Value), out _) is { IsUniform: false };
    }

    private static Rewrite ToInstance(Match match, Value x)
    {
        int channels = (int)x.Shape![1].Value;
        Graph graph = match.Root.Graph;
        Value scale = graph.AddInitializer("scale", Ones([channels])), bias = graph.AddInitializer("bias", Tensor.Vector<float>(new float[channels]));
        Replace(match, "InstanceNormalization", [x, scale, bias]).Attributes.Set("epsilon", (float)match.Number("epsilon"));
        return Rewrite.Applied("became InstanceNormalization");
    }

    private static Rewrite ToLayer(Match match, Value x, int axes)
    {
        Value[] parameters;
        if (IsTensorFlowForm(match))
        {
            parameters = [match["scale"], match["bias"]];
            bool areVectors = axes == 1 && parameters.All(p => Constants.Of(p) is { Rank: 1, ElementCount: > 1 });
            if (!areVectors) return Rewrite.Refused("its scale or bias is not one number per normalized element");
        }
        else
        {
            if (x.Shape?.Dims[^axes..].ToArray() is not { } dims || !Array.TrueForAll(dims, d => d.IsKnown)) return Rewrite.Refused("the size of the normalized axes is not known");
            parameters = [match.Root.Graph.AddInitializer("scale", Ones(Array.ConvertAll(dims, d => d.Value)))];
        }
        Node node = Replace(match, "LayerNormalization", [x, .. parameters]);
        node.Attributes.Set("axis", -axes);
        node.Attributes.Set("epsilon", (float)match.Number("epsilon"));
        return Rewrite.Applied("became LayerNormalization");
    }

    private static Tensor Ones(long[] dims)
    {
        var ones = new float[dims.Aggregate(1L, (a, b) => a * b)];
        Array.Fill(ones, 1f);
        return Tensor.Create<float>(ones, dims);
    }
}
