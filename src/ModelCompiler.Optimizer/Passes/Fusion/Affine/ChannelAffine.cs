using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes.Fusion.Matching;

namespace ModelCompiler.Optimizer.Passes.Fusion.Affine;

/// <summary>
/// y[c] = scale[c] · x[c] + shift[c]: what BatchNormalization at inference, and Mul, Add, Sub, Div, Neg with constants are.
/// </summary>
internal sealed record ChannelAffine(double[] Scale, double[] Shift)
{
    /// <summary>Whether the scale does nothing.</summary>
    public bool IsUnitScale => Array.TrueForAll(Scale, s => s == 1);

    /// <summary>Whether the shift does nothing.</summary>
    public bool IsZeroShift => Array.TrueForAll(Shift, t => t == 0);

    /// <summary>The input that is not constant of a node that may be affine; null where the node is none.</summary>
    public static Value? DataOf(Node node)
    {
        if (node.Domain.Length > 0) return null;
        switch (node.OpType)
        {
            case "BatchNormalization":
            case "Neg":
                return node.Input(0);
            case "Mul":
            case "Add":
            case "Sub":
            case "Div" when !Constants.IsConstant(node.Input(0)):
                bool isFirst = Constants.IsConstant(node.Input(1));
                return isFirst != Constants.IsConstant(node.Input(0)) ? node.Input(isFirst ? 0 : 1) : null;
            default:
                return null;
        }
    }

    /// <summary>Reads a node whose data has its channels at <paramref name="at"/>.</summary>
    /// <param name="node">A node for which <see cref="DataOf"/> is not null.</param>
    /// <param name="at">The channels of its data.</param>
    /// <param name="reason">Why a node that should be affine cannot be used; null where it simply is not affine by channel.</param>
    public static ChannelAffine? Read(Node node, ChannelAxis at, out string? reason)
    {
        reason = null;
        if (node.Is("BatchNormalization")) return BatchNormalization.Read(node, at, out reason);
        if (node.Is("Neg")) return new ChannelAffine(PerChannel.Repeat(-1, at.Channels), new double[at.Channels]);
        bool isFirst = Constants.Of(node.Input(1)) is not null;
        Tensor numbers = Constants.Of(node.Input(isFirst ? 1 : 0))!;
        if (PerChannel.Read(numbers, at) is not { } constant) return null;
        if (MayBeBroadcast(node.Input(isFirst ? 0 : 1)!, numbers, at))
        {
            reason = "its input may have one channel, which its constant makes several of";
            return null;
        }
        double[] ones = PerChannel.Repeat(1, at.Channels), zeros = new double[at.Channels];
        ChannelAffine affine = node.OpType switch
        {
            "Mul" => new(constant, zeros),
            "Div" => new(Array.ConvertAll(constant, c => 1 / c), zeros),
            "Add" => new(ones, constant),
            _ when isFirst => new(ones, Array.ConvertAll(constant, c => -c)),
            _ => new(PerChannel.Repeat(-1, at.Channels), constant),
        };
        if (affine.IsFinite) return affine;
        reason = "its constant holds NaN, infinity or a division by zero";
        return null;
    }

    /// <summary>Whether data that is known may have fewer channels, or dimensions, than come of it. Without its node it would stay so.</summary>
    private static bool MayBeBroadcast(Value data, Tensor constant, ChannelAxis at) => data.Shape is { } shape
        && (shape.Rank < constant.Rank || (constant.ElementCount > 1 && (shape.Rank < at.FromEnd || shape[^at.FromEnd].ValueOrNull != at.Channels)));

    /// <summary>Whether all channels are treated alike.</summary>
    public bool IsUniform => Array.TrueForAll(Scale, s => s == Scale[0]) && Array.TrueForAll(Shift, t => t == Shift[0]);

    /// <summary>Whether all numbers are finite.</summary>
    public bool IsFinite => Array.TrueForAll(Scale, double.IsFinite) && Array.TrueForAll(Shift, double.IsFinite);
}
