using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes.Fusion.Matching;

namespace ModelCompiler.Optimizer.Passes.Fusion.Affine;

/// <summary>Where the channels of a value lie: on <paramref name="Axis"/> of <paramref name="Rank"/>. A rank of null is unknown, and the channels are on the last axis.</summary>
internal readonly record struct ChannelAxis(int Axis, int? Rank, int Channels)
{
    /// <summary>Channels on the last axis of a value of unknown rank.</summary>
    public static ChannelAxis Last(int channels) => new(-1, null, channels);

    /// <summary>How many axes stand from the channels to the end, themselves included.</summary>
    public int FromEnd => Rank is { } rank ? rank - Axis : 1;

    /// <summary>Whether this is axis <paramref name="axis"/>, counted from the front.</summary>
    public bool IsAxis(int axis) => Rank is not null && Axis == axis;
}

/// <summary>Reads constants that broadcast over everything but the channels.</summary>
internal static class PerChannel
{
    /// <summary>
    /// The constant as one number per channel: a scalar and [1,…,1] are repeated. Null where it varies along another axis, or would give the
    /// value that it is combined with more axes than it has.
    /// </summary>
    public static double[]? Read(Tensor constant, ChannelAxis at)
    {
        if (constant.Rank > (at.Rank ?? 1)) return null;
        if (constant.ElementCount == 1) return Constants.Numbers(constant) is [var number] ? Repeat(number, at.Channels) : null;
        int axis = constant.Rank - at.FromEnd;
        bool isPerChannel = axis >= 0 && constant.Dims[axis] == at.Channels && constant.ElementCount == at.Channels;
        return isPerChannel ? Constants.Numbers(constant) : null;
    }

    /// <summary>The same number for each channel.</summary>
    public static double[] Repeat(double number, int channels)
    {
        var result = new double[channels];
        Array.Fill(result, number);
        return result;
    }
}
