using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Quantization.Rounding;

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
    /// <param name="matrix">The numbers.</param>
    /// <param name="rows">Its rows.</param>
    /// <param name="columns">Its columns.</param>
    /// <param name="bits">4 or 8.</param>
    /// <param name="block">Columns with one scale.</param>
    /// <param name="form">What the error of a row is measured by, to round by least squares; null to round to the nearest.</param>
    public static BlockQuantized Quantize(ReadOnlyMemory<float> matrix, int rows, int columns, int bits, int block, QuadraticForm? form = null)
    {
        int blocks = (columns + block - 1) / block, bytesPerRow = blocks * block * bits / 8, zeroBytes = (blocks * bits + 7) / 8, levels = (1 << bits) - 1;
        var data = new byte[rows * bytesPerRow];
        var scales = new float[rows * blocks];
        var zeros = new byte[rows * zeroBytes];
        int together = form is null ? 1 : LeastSquaresRounding.RowsAtOnce;
        Parallel.For(0, (rows + together - 1) / together, part =>
        {
            int first = part * together, count = Math.Min(together, rows - first);
            ReadOnlySpan<float> values = matrix.Span.Slice(first * columns, count * columns);
            Span<float> steps = scales.AsSpan(first * blocks, count * blocks);
            var zeroPoints = new int[steps.Length];
            for (int i = 0; i < steps.Length; i++)
            {
                int row = i / blocks, column = i % blocks * block;
                (steps[i], zeroPoints[i]) = Parameters(values.Slice(row * columns + column, Math.Min(block, columns - column)), levels, bits == 4 ? MostShrinks : 0);
                PackOne((byte)zeroPoints[i], i % blocks, bits, zeros.AsSpan((first + row) * zeroBytes, zeroBytes));
            }
            byte[] integers = Integers(values, columns, steps, zeroPoints, levels, block, form);
            for (int i = 0; i < integers.Length; i++) PackOne(integers[i], i, bits, data.AsSpan(first * bytesPerRow, count * bytesPerRow));
        });
        return new BlockQuantized(
            new Tensor(ElementType.UInt8, [rows, blocks, block * bits / 8], data), Tensor.Create<float>(scales, rows, blocks), new Tensor(ElementType.UInt8, [rows, zeroBytes], zeros));
    }

    /// <summary>The integers of rows, each filled up to whole blocks.</summary>
    private static byte[] Integers(ReadOnlySpan<float> values, int columns, ReadOnlySpan<float> scales, int[] zeroPoints, int levels, int block, QuadraticForm? form)
    {
        int blocks = (columns + block - 1) / block, filled = blocks * block;
        var integers = new byte[scales.Length * block];
        for (int i = 0; i < integers.Length; i++)
        {
            int row = i / filled, column = i % filled, at = i / block;
            integers[i] = column < columns ? Round(values[row * columns + column], scales[at], zeroPoints[at], levels) : (byte)zeroPoints[at];
        }
        if (form is null) return integers;

        int count = values.Length;
        float[] steps = new float[count], centered = new float[count], lowest = new float[count], highest = new float[count];
        for (int i = 0; i < count; i++)
        {
            int row = i / columns, column = i % columns, at = row * blocks + column / block, zero = zeroPoints[at];
            (steps[i], centered[i], lowest[i], highest[i]) = (scales[at], integers[row * filled + column] - zero, -zero, levels - zero);
        }
        LeastSquaresRounding.Improve(values, steps, centered, lowest, highest, form);
        // The lowest is what stands for an integer of zero.
        for (int i = 0; i < count; i++) integers[i / columns * filled + i % columns] = (byte)(centered[i] - lowest[i]);
        return integers;
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

    private static void PackOne(byte integer, int index, int bits, Span<byte> target) => target[index * bits / 8] |= (byte)(integer << (index * bits % 8));
}
