using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Quantization;
using ModelCompiler.Optimizer.Targets;
using ModelCompiler.Optimizer.Tests.Support;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Quantization;

public class PairSaturationTests
{
    [Theory]
    [InlineData("Conv", 3, 1)]
    [InlineData("Conv", 4, 1)]
    [InlineData("Conv", 8, 2)]
    [InlineData("Gemm", 33, 1)]
    [InlineData("MatMul", 32, 1)]
    public void No_pair_that_a_kernel_adds_in_16_bits_can_overflow(string opType, int depth, int group)
    {
        sbyte[][] channels = Channels(Quantized(opType, depth, group, TargetProfile.CpuPortable, out int taps), taps);
        foreach (sbyte[] channel in channels)
        {
            foreach (sbyte[] order in (sbyte[][])[channel, ChannelInnermost(channel, taps), ChannelInnermost(WithZeros(channel, taps), taps)])
            {
                for (int k = 0; k + 1 < order.Length; k += 2)
                    Assert.InRange(255 * (order[k] + order[k + 1]), short.MinValue, short.MaxValue);
            }
        }
    }

    [Fact]
    public void A_target_that_accumulates_in_32_bits_uses_all_of_8_bits()
    {
        Tensor weights = Quantized("Gemm", 32, 1, TargetProfile.CpuPortable with { SaturatesPairs = false }, out int taps);
        Assert.All(Channels(weights, taps), channel => Assert.Equal(127, channel.Max(w => Math.Abs((int)w))));
    }

    [Theory]
    // Neighbours as they are stored, by vectors and behind the last whole one.
    [InlineData("Gemm", "4 70", 0, 1, true)]
    [InlineData("Gemm", "4 70", 1, 2, false)]
    [InlineData("Gemm", "4 70", 68, 69, true)]
    [InlineData("Gemm", "4 71", 69, 70, false)]
    [InlineData("Gemm", "4 71", 70, 71, false)]
    [InlineData("Gemm", "4 71", 71, 72, true)]
    [InlineData("Conv", "4 8 3 3", 4, 5, true)]
    [InlineData("Conv", "4 8 1 1", 4, 5, true)]
    [InlineData("Conv", "4 8 1 1", 5, 6, false)]
    // Channels of one tap, with an even number and with an odd one, which kernels may also fill up.
    [InlineData("Conv", "4 8 3 3", 0, 9, true)]
    [InlineData("Conv", "4 8 3 3", 9, 18, false)]
    [InlineData("Conv", "4 8 7 7", 48, 97, true)]
    [InlineData("Conv", "4 8 7 7", 97, 146, false)]
    [InlineData("Conv", "4 8 3 3 3", 26, 53, true)]
    [InlineData("Conv", "4 8 3 3 3", 53, 80, false)]
    [InlineData("Conv", "4 8 3 3 3", 836, 863, true)]
    [InlineData("Conv", "4 8 3 3", 278, 287, true)]
    [InlineData("Conv", "4 8 3 3", 269, 278, false)]
    [InlineData("Conv", "2 2 1 3", 8, 11, true)]
    [InlineData("Conv", "4 3 3 3", 0, 9, true)]
    [InlineData("Conv", "4 3 3 3", 18, 1, true)]
    [InlineData("Conv", "4 3 3 3", 9, 18, false)]
    // Rows of a matrix whose channels are its columns.
    [InlineData("MatMul", "7 40", 39, 79, true)]
    [InlineData("MatMul", "7 40", 0, 40, true)]
    [InlineData("MatMul", "7 40", 40, 80, false)]
    [InlineData("MatMul", "7 40", 0, 1, false)]
    public void A_pair_that_can_overflow_is_found_wherever_a_kernel_may_add_it(string opType, string sizes, int first, int second, bool canSaturate)
    {
        long[] dims = [.. sizes.Split(' ').Select(long.Parse)];
        Assert.Equal(canSaturate, CanSaturate(100, 29));
        Assert.Equal(canSaturate, CanSaturate(-127, -2));
        Assert.False(CanSaturate(100, 28));
        Assert.False(CanSaturate(-128, 127));

        bool CanSaturate(sbyte one, sbyte other)
        {
            var weights = new sbyte[dims.Aggregate(1L, (product, size) => product * size)];
            (weights[first], weights[second]) = (one, other);
            var g = new GraphBuilder();
            Value w = g.Constant(weights, dims), x = g.Input("x", ElementType.UInt8, Dim.Named("n"));
            Node node = opType == "Gemm" ? g.Op("Gemm", [x, w], new NodeAttribute("transB", 1L)).Producer! : g.Op(opType, x, w).Producer!;
            return PairSaturation.CanSaturate(node, w.Initializer!);
        }
    }

    private static Tensor Quantized(string opType, int depth, int group, TargetProfile target, out int taps)
    {
        var g = new GraphBuilder(opset: 13);
        taps = opType == "Conv" ? 9 : 1;
        Value y = opType == "Conv"
            ? g.Op("Conv", [g.Input("x", 1, depth, 6, 6), g.Weights(3, 16, depth / group, 3, 3)], new NodeAttribute("group", (long)group))
            : opType == "Gemm" ? g.Op("Gemm", [g.Input("x", 4, depth), g.Weights(3, 16, depth)], new NodeAttribute("transB", 1L))
            : g.Op("MatMul", g.Input("x", 4, depth), g.Weights(3, depth, 16));
        g.Output("y", y);
        byte[] bytes = StaticInt8.Of(g.Model, target).Bytes;
        Tensor weights = OnnxReader.Read(bytes).Graph.Initializers.Single(i => i.Initializer!.ElementType == ElementType.Int8 && i.Initializer.Rank >= 2).Initializer!;
        if (opType != "MatMul") return weights;
        ReadOnlySpan<byte> source = weights.Bytes;
        var transposed = new sbyte[source.Length];
        for (int i = 0; i < source.Length; i++) transposed[i % 16 * depth + i / 16] = (sbyte)source[i];
        return Tensor.Create<sbyte>(transposed, 16, depth);
    }

    private static sbyte[][] Channels(Tensor weights, int taps)
    {
        Assert.Equal(0, weights.ElementCount / 16 % taps);
        return weights.AsSpan<sbyte>().ToArray().Chunk((int)weights.ElementCount / 16).ToArray();
    }

    /// <summary>Channels of zeros up to a multiple of four, as kernels are given them.</summary>
    private static sbyte[] WithZeros(sbyte[] channel, int taps) => [.. channel, .. new sbyte[(4 - channel.Length / taps % 4) % 4 * taps]];

    private static sbyte[] ChannelInnermost(sbyte[] channel, int taps)
    {
        int inputs = channel.Length / taps;
        return [.. Enumerable.Range(0, channel.Length).Select(k => channel[k % inputs * taps + k / inputs])];
    }
}
