using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Quantization.Channels;
using ModelCompiler.Optimizer.Targets;

namespace ModelCompiler.Optimizer.Passes.Quantization;

/// <summary>
/// w − 0 = (w − 1) − (−1): weights around zero are stored around −1. The products are the same integers, and ONNX Runtime, whose convolutions around zero
/// compute with VNNI, lays out the windows instead and multiplies on AMX's tiles. Requires 8-bit weights above −128, one group, and a target that has
/// tiles (<see cref="TargetProfile.HasTiles"/>).
/// </summary>
/// <param name="convolutions">The names of the nodes that are faster so.</param>
public sealed class TileWeights(IReadOnlySet<string> convolutions) : RewritePass
{
    private const sbyte Shift = -1;

    /// <inheritdoc/>
    public override string Name => "tile-weights";

    /// <inheritdoc/>
    public override bool KeepsTypes => true;

    /// <inheritdoc/>
    protected override bool MayMatch(Node node) => node.Is("Conv") && convolutions.Contains(node.Name);

    /// <inheritdoc/>
    protected override Rewrite Visit(Node node, PassContext context)
    {
        if (!context.Target.HasTiles) return Rewrite.Refused("the target has no tiles to multiply on");
        if (node.Input(1)?.Producer is not { } dequantize || ProductConstant.Of(node, 1) is not { ElementType: ElementType.Int8 } weights) return Rewrite.None;
        if (node.Attributes.GetInt("group", 1) != 1) return Rewrite.Refused("its channels are in groups");
        if (dequantize.Constant(2) is not { } zeros || weights.AsSpan<sbyte>().Contains(sbyte.MinValue)) return Rewrite.Refused("its weights leave no room below");
        dequantize.SetInput(0, Shifted(dequantize.Inputs[0]!, weights));
        dequantize.SetInput(2, Shifted(dequantize.Inputs[2]!, zeros));
        return Rewrite.Applied("multiplies on tiles: faster there, with its windows laid out");
    }

    private static Value Shifted(Value value, Tensor tensor)
    {
        sbyte[] shifted = tensor.AsSpan<sbyte>().ToArray();
        foreach (ref sbyte integer in shifted.AsSpan()) integer += Shift;
        return value.Graph.AddInitializer(value.Name, Tensor.Create<sbyte>(shifted, tensor.Dims));
    }
}
