using ModelCompiler.Onnx;

namespace ModelCompiler.Optimizer.Quantization.Dense;

/// <summary>Rows of numbers as unsigned integers of few bits in blocks: real = scale · (integer − zero point), with a scale and zero point per block.</summary>
/// <param name="Data">The integers, low bits first: [rows, blocks, block · bits / 8].</param>
/// <param name="Scales">[rows, blocks].</param>
/// <param name="ZeroPoints">Packed like the data, each row padded to a byte: [rows, ⌈blocks · bits / 8⌉].</param>
internal sealed record BlockQuantized(Tensor Data, Tensor Scales, Tensor ZeroPoints);

/// <summary>
/// Quantizes blocks asymmetrically to 4 or 8 bits. In 4 bits the range of each block is shrunk as long as that lessens the squared error, of
/// rounding inside and of clipping outside together (the search of range scale factors in AWQ, Lin et al. 2023, section 3.2, on weights alone).
/// </summary>
internal static class BlockQuantizer
{
    private const float Shrink = 0.05f;
    private const int MostShrinks = 7;

    /// <summary>Quantizes a row-major matrix. Where the columns do not fill the last block, it is filled with zeros.</summary>
    public static BlockQuantized Quantize(ReadOnlyMemory<float> matrix, int rows, int columns, int bits, int block)
    {
        int blocks = (columns + block - 1) / block, bytesPerBlock = block * bits / 8, zeroBytes = (blocks * bits + 7) / 8;
        var data = new byte[rows * blocks * bytesPerBlock];
        var scales = new float[rows * blocks];
        var zeros = new byte[rows * zeroBytes];
        Parallel.For(0, rows, row =>
        {
            Span<byte> integers = stackalloc byte[block];
            for (int b = 0; b < blocks; b++)
            {
                int start = b * block;
                ReadOnlySpan<float> values = matrix.Span.Slice(row * columns + start, Math.Min(block, columns - start));
                (float scale, int zero) = Parameters(values, (1 << bits) - 1, bits == 4 ? MostShrinks : 0);
                for (int i = 0; i < block; i++) integers[i] = i < values.Length ? Round(values[i], scale, zero, (1 << bits) - 1) : (byte)zero;
                Pack(integers, bits, data.AsSpan((row * blocks + b) * bytesPerBlock, bytesPerBlock));
                scales[row * blocks + b] = scale;
                PackOne((byte)zero, b, bits, zeros.AsSpan(row * zeroBytes, zeroBytes));
            }
        });
        return new BlockQuantized(
            new Tensor(ElementType.UInt8, [rows, blocks, bytesPerBlock], data), Tensor.Create<float>(scales, rows, blocks), new Tensor(ElementType.UInt8, [rows, zeroBytes], zeros));
    }

    private static (float Scale, int ZeroPoint) Parameters(ReadOnlySpan<float> values, int levels, int shrinks)
    {
        float min = 0, max = 0;
        foreach (float value in values) (min, max) = (MathF.Min(min, value), MathF.Max(max, value));
        (float, int) best = default;
        double least = double.PositiveInfinity;
        for (int i = 0; i <= shrinks; i++)
        {
            float factor = 1 - i * Shrink, scale = QuantizationParameters.SymmetricScale((max - min) * factor, levels);
            int zero = Math.Clamp((int)MathF.Round(-min * factor / scale), 0, levels);
            double error = 0;
            foreach (float value in values)
            {
                double difference = value - scale * (Round(value, scale, zero, levels) - zero);
                error += difference * difference;
            }
            if (error < least) (best, least) = ((scale, zero), error);
        }
        return best;
    }

    private static byte Round(float value, float scale, int zero, int levels) => (byte)Math.Clamp(MathF.Round(value / scale) + zero, 0, levels);

    private static void Pack(ReadOnlySpan<byte> integers, int bits, Span<byte> target)
    {
        for (int i = 0; i < integers.Length; i++) PackOne(integers[i], i, bits, target);
    }

    private static void PackOne(byte integer, int index, int bits, Span<byte> target) => target[index * bits / 8] |= (byte)(integer << (index * bits % 8));
}
