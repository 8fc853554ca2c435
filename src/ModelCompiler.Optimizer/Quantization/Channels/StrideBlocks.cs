using ModelCompiler.Onnx;

namespace ModelCompiler.Optimizer.Quantization.Channels;

/// <summary>
/// A convolution with stride s of a picture with few channels, as one with stride 1 of its blocks of s × s pixels, each with the channels of all of its pixels.
/// A window that does not begin or end with a block is filled with zeros.
/// </summary>
/// <param name="Stride">The side of a block.</param>
/// <param name="Channels">The channels of the picture.</param>
/// <param name="Rows">The windows' height.</param>
/// <param name="Columns">The windows' width.</param>
internal sealed record StrideBlocks(int Stride, int Channels, StrideBlocks.Axis Rows, StrideBlocks.Axis Columns)
{
    /// <summary>No weight meets the place.</summary>
    public const int Zero = -1;

    /// <summary>With more, one tap of the convolution as it is has enough to multiply.</summary>
    private const int FewChannels = 8;

    /// <summary>
    /// Multiplications over those of the convolution as it is: with 3 × 3 and stride 2, whose blocks have 16 pixels for 9, moving the pixels takes what is gained (MobileNetV2).
    /// </summary>
    private const double LargestGrowth = 1.35;

    /// <summary>The channels of a block.</summary>
    public int BlockChannels => Stride * Stride * Channels;

    /// <summary>The blocks of a convolution; null where it has no stride, several groups, or more channels than a picture.</summary>
    /// <param name="conv">The convolution.</param>
    /// <param name="weights">The sizes of its weights.</param>
    public static StrideBlocks? Of(Node conv, ReadOnlySpan<long> weights)
    {
        if (!conv.Is("Conv") || weights.Length != 4 || weights[1] >= FewChannels || conv.Attributes.GetInt("group", 1) != 1) return null;
        if (conv.Attributes.GetInts("strides") is not [long stride and > 1, long other] || stride != other) return null;
        if (conv.Attributes.GetInts("dilations") is { } dilations && Array.Exists(dilations, dilation => dilation != 1)) return null;
        if (conv.Attributes.Find("auto_pad") is { String: not "NOTSET" }) return null;
        long[] pads = conv.Attributes.GetInts("pads") ?? new long[4];
        if (Array.Exists(pads, pad => pad < 0)) return null;
        var blocks = new StrideBlocks((int)stride, (int)weights[1], Axis.Of(weights[2], pads[0], stride), Axis.Of(weights[3], pads[1], stride));
        double growth = (double)(blocks.Rows.Window * blocks.Columns.Window * stride * stride) / (weights[2] * weights[3]);
        return growth <= LargestGrowth ? blocks : null;
    }

    /// <summary>For each weight of a filter, blocks' channels first and then places of the window, which weight of the convolution as it is it is, or <see cref="Zero"/>.</summary>
    public IEnumerable<int> Weights()
    {
        for (int channel = 0; channel < BlockChannels; channel++)
        {
            int row = channel / Channels / Stride, column = channel / Channels % Stride;
            for (int place = 0; place < Rows.Window * Columns.Window; place++)
            {
                int y = Rows.Tap(place / Columns.Window, row, Stride), x = Columns.Tap(place % Columns.Window, column, Stride);
                yield return y < 0 || x < 0 ? Zero : ((channel % Channels * Rows.Taps) + y) * Columns.Taps + x;
            }
        }
    }

    /// <summary>One dimension: the taps of the convolution as it is, blocks in a window, blocks of padding in front, and taps of zeros in front.</summary>
    internal sealed record Axis(int Taps, int Window, int Pad, int Lead)
    {
        public static Axis Of(long taps, long pad, long stride)
        {
            long blocks = (pad + stride - 1) / stride, lead = blocks * stride - pad;
            return new Axis((int)taps, (int)((taps + lead + stride - 1) / stride), (int)blocks, (int)lead);
        }

        /// <summary>The tap that a pixel of a block has at a place of the window, or <see cref="Zero"/>.</summary>
        public int Tap(int place, int pixel, int stride) => (place * stride) + pixel - Lead is var tap && tap >= 0 && tap < Taps ? tap : Zero;
    }
}
