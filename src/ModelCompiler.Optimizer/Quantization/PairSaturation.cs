using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Quantization.Channels;

namespace ModelCompiler.Optimizer.Quantization;

/// <summary>
/// x64 CPUs without VNNI multiply unsigned by signed bytes with VPMADDUBSW, which adds the products of two neighbours along K in 16 bits and
/// saturates: with u ≤ 255 the sum is exact as long as |w₁ + w₂| ≤ 128 for neighbours of one sign, for 255 · 128 = 32,640 ≤ 32,767.
/// Neighbours of opposite sign cannot overflow.
/// </summary>
internal static class PairSaturation
{
    private const float Bound = 128;

    // One less leaves room for both weights being rounded up by half.
    private const float LargestSum = Bound - 1;

    private static readonly Vector<short> Largest = new((short)Bound);

    /// <summary>In an order: a weight of zero that <see cref="Passes.Quantization.ChannelAlignment"/> or <see cref="Passes.Quantization.PictureBlocks"/> may add.</summary>
    private const int Zero = StrideBlocks.Zero;

    /// <summary>For each output channel the smallest scale with which no pair of its weights overflows.</summary>
    /// <param name="node">The product; a depthwise convolution with one filter for each channel has kernels of its own, which accumulate in 32 bits.</param>
    /// <param name="parameters">Its weights.</param>
    public static float[] SmallestScales(Node node, ProductParameters parameters)
    {
        var scales = new float[parameters.Channels];
        if (IsDepthwise(node, parameters.Weights)) return scales;
        foreach (int[] order in AccumulationOrders(node, parameters.Weights.Dims, parameters.Axis == 0))
        {
            int[] first = [.. order.Where((_, k) => k % 2 == 0)], second = [.. order.Where((_, k) => k % 2 != 0)];
            ReadOnlySpan<float> weights = parameters.Weights.AsSpan<float>();
            int stride = ChannelStride(node, parameters);
            var pairs = new float[2 * second.Length];
            for (int c = 0; c < scales.Length; c++)
            {
                Gather(weights[(c * stride)..], first.AsSpan(0, second.Length), pairs);
                Gather(weights[(c * stride)..], second, pairs.AsSpan(second.Length));
                scales[c] = MathF.Max(scales[c], LargestPair(pairs.AsSpan(0, second.Length), pairs.AsSpan(second.Length)) / LargestSum);
            }
        }
        return scales;
    }

    private static void Gather(ReadOnlySpan<float> weights, ReadOnlySpan<int> offsets, Span<float> gathered)
    {
        for (int k = 0; k < offsets.Length; k++) gathered[k] = offsets[k] == Zero ? 0 : weights[offsets[k]];
    }

    /// <summary>
    /// The largest magnitude of a sum of two weights of one sign, or of a weight beside one of the other, which no scale is smaller than anyway. That needs
    /// neither branches, of which every second would be mispredicted, nor an order.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float LargestPair(ReadOnlySpan<float> first, ReadOnlySpan<float> second)
    {
        ReadOnlySpan<Vector<float>> a = MemoryMarshal.Cast<float, Vector<float>>(first), b = MemoryMarshal.Cast<float, Vector<float>>(second);
        Vector<float> highs = Vector<float>.Zero, lows = Vector<float>.Zero;
        for (int i = 0; i < a.Length; i++)
        {
            highs = Vector.Max(highs, Vector.Max(a[i], Vector<float>.Zero) + Vector.Max(b[i], Vector<float>.Zero));
            lows = Vector.Min(lows, Vector.Min(a[i], Vector<float>.Zero) + Vector.Min(b[i], Vector<float>.Zero));
        }
        float largest = 0;
        for (int i = 0; i < Vector<float>.Count; i++) largest = MathF.Max(largest, MathF.Max(highs[i], -lows[i]));
        for (int i = a.Length * Vector<float>.Count; i < first.Length; i++)
            largest = MathF.Max(largest, MathF.Max(MathF.Max(first[i], 0) + MathF.Max(second[i], 0), -MathF.Min(first[i], 0) - MathF.Min(second[i], 0)));
        return largest;
    }

    /// <summary>Whether a pair of weights can overflow.</summary>
    /// <param name="node">The product, on integers or on what is dequantized.</param>
    /// <param name="integers">Its weights in int8, two axes or more.</param>
    public static bool CanSaturate(Node node, Tensor integers)
    {
        bool isByRow = IsConvolution(node) || node.Attributes.GetInt("transB", 0) != 0;
        if (isByRow && IsDepthwise(node, integers)) return false;
        ReadOnlySpan<sbyte> weights = integers.AsSpan<sbyte>();
        if (weights.Length == 0) return false;
        int channels = (int)integers.Dims[isByRow ? 0 : ^1], depth = weights.Length / channels;
        // Matrices of a stack stand one above the other.
        if (!isByRow) return PairsOfRows(weights, channels);
        if (PairsOfNeighbours(weights, depth)) return true;
        if (!IsConvolution(node)) return false;
        int taps = depth / (int)integers.Dims[1];
        // By far the most: channels in pairs, and no other order.
        if (integers.Dims[1] % 2 == 0 && StrideBlocks.Of(node, integers.Dims) is null) return taps > 1 && PairsOfRows(weights, taps);
        foreach (int[] order in AccumulationOrders(node, integers.Dims, isByRow))
        {
            for (int start = 0; start < weights.Length; start += depth)
                if (PairsInOrder(weights.Slice(start, depth), order)) return true;
        }
        return false;
    }

    /// <summary>Whether of the numbers of each channel, two by two, a pair can overflow: those of opposite sign are never beyond the bound.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static bool PairsOfNeighbours(ReadOnlySpan<sbyte> weights, int depth)
    {
        for (int start = 0; start < weights.Length; start += depth)
        {
            ReadOnlySpan<sbyte> channel = weights.Slice(start, depth - depth % 2);
            Vector<short> highs = Vector<short>.Zero, lows = Vector<short>.Zero;
            ReadOnlySpan<Vector<short>> pairs = MemoryMarshal.Cast<sbyte, Vector<short>>(channel);
            foreach (Vector<short> pair in pairs)
            {
                Vector<short> sum = Vector.ShiftRightArithmetic(pair, 8) + Vector.ShiftRightArithmetic(Vector.ShiftLeft(pair, 8), 8);
                highs = Vector.Max(highs, sum);
                lows = Vector.Min(lows, sum);
            }
            if (Vector.GreaterThanAny(highs, Largest) || Vector.LessThanAny(lows, -Largest)) return true;
            for (int k = pairs.Length * Vector<sbyte>.Count; k < channel.Length; k += 2)
                if (Math.Abs(channel[k] + channel[k + 1]) > Bound) return true;
        }
        return false;
    }

    /// <summary>
    /// Whether numbers at the same place of two rows, the first and the second of each two, can overflow. Rows are as short as a window of a convolution: each number is
    /// added to the one a row behind it wherever it stands, and what is no pair is masked.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static bool PairsOfRows(ReadOnlySpan<sbyte> weights, int row)
    {
        // Twice as long as a vector and more, so that a vector of it starts anywhere in the first two rows.
        var masks = new sbyte[2 * row + Vector<sbyte>.Count];
        for (int i = 0; i < masks.Length; i++) masks[i] = (sbyte)(i / row % 2 == 0 ? -1 : 0);
        Vector<short> highs = Vector<short>.Zero, lows = Vector<short>.Zero;
        int start = 0, end = weights.Length - weights.Length % (2 * row) - row, place = 0;
        for (; start + Vector<sbyte>.Count <= end; start += Vector<sbyte>.Count)
        {
            var mask = new Vector<sbyte>(masks, place);
            Vector.Widen(new Vector<sbyte>(weights[start..]) & mask, out Vector<short> firstLow, out Vector<short> firstHigh);
            Vector.Widen(new Vector<sbyte>(weights[(start + row)..]) & mask, out Vector<short> secondLow, out Vector<short> secondHigh);
            highs = Vector.Max(highs, Vector.Max(firstLow + secondLow, firstHigh + secondHigh));
            lows = Vector.Min(lows, Vector.Min(firstLow + secondLow, firstHigh + secondHigh));
            place += Vector<sbyte>.Count;
            if (place < 2 * row) continue;
            place %= 2 * row;
            if (Vector.GreaterThanAny(highs, Largest) || Vector.LessThanAny(lows, -Largest)) return true;
        }
        if (Vector.GreaterThanAny(highs, Largest) || Vector.LessThanAny(lows, -Largest)) return true;
        for (; start < end; start++)
            if (start / row % 2 == 0 && Math.Abs(weights[start] + weights[start + row]) > Bound) return true;
        return false;
    }

    private static bool PairsInOrder(ReadOnlySpan<sbyte> channel, int[] order)
    {
        for (int k = 0; k + 1 < order.Length; k += 2)
        {
            int first = order[k] == Zero ? 0 : channel[order[k]], second = order[k + 1] == Zero ? 0 : channel[order[k + 1]];
            if (Math.Abs(first + second) > Bound) return true;
        }
        return false;
    }

    private static bool IsConvolution(Node node) => node.OpType is "Conv" or "QLinearConv" or "ConvInteger";

    private static bool IsDepthwise(Node node, Tensor weights) => IsConvolution(node) && weights.Dims[1] == 1 && node.Attributes.GetInt("group", 1) is > 1 and var groups && groups == weights.Dims[0];

    private static int ChannelStride(Node node, ProductParameters parameters) =>
        parameters.Axis == 0 ? (int)(parameters.Weights.ElementCount / parameters.Channels) : 1;

    /// <summary>
    /// The orders in which a kernel may walk the weights of one channel, as offsets from its first: as they are stored, and for Conv also with
    /// the input channel innermost, as the NHWC kernels do, with and without channels of zeros behind the last, or in blocks of a picture. Which one runs depends on ranks and
    /// the optimization level: all must be safe.
    /// </summary>
    private static List<int[]> AccumulationOrders(Node node, ReadOnlySpan<long> dims, bool isByRow)
    {
        int elements = 1;
        foreach (long size in dims) elements *= (int)size;
        int channels = (int)(isByRow ? dims[0] : dims[^1]), depth = elements / channels, step = isByRow ? 1 : channels;
        List<int[]> orders = [[.. Enumerable.Range(0, depth).Select(k => k * step)]];
        if (!IsConvolution(node)) return orders;
        int inputs = (int)dims[1], taps = depth / inputs;
        // Of one tap, the order is the same.
        if (taps > 1) orders.Add(ChannelsInnermost(inputs));
        // Once their number is even, channels are paired among themselves, and any more of zeros change nothing.
        if (taps > 1 && inputs % 2 != 0) orders.Add(ChannelsInnermost(inputs + 1));
        if (StrideBlocks.Of(node, dims) is not { } blocks) return orders;
        int[] stored = [.. blocks.Weights()];
        int places = stored.Length / blocks.BlockChannels;
        orders.Add(stored);
        orders.Add([.. Enumerable.Range(0, stored.Length).Select(k => stored[k % blocks.BlockChannels * places + k / blocks.BlockChannels])]);
        return orders;

        int[] ChannelsInnermost(int channels) => [.. Enumerable.Range(0, taps * channels).Select(k => k % channels < inputs ? k % channels * taps + k / channels : Zero)];
    }
}
