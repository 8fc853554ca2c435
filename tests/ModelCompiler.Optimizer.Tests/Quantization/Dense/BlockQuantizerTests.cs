using ModelCompiler.Optimizer.Quantization.Dense;
using ModelCompiler.Optimizer.Tests.Support;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Quantization.Dense;

public sealed class BlockQuantizerTests
{
    private const int Rows = 8, Columns = 50, Block = 16, Blocks = 4;

    [Theory]
    [InlineData(4)]
    [InlineData(8)]
    public void The_error_is_no_larger_than_that_of_the_whole_range(int bits)
    {
        float[] matrix = TestTensors.Normal(5, Rows, Columns).Floats();
        BlockQuantized quantized = BlockQuantizer.Quantize(matrix, Rows, Columns, bits, Block);
        ReadOnlySpan<float> scales = quantized.Scales.AsSpan<float>();
        for (int row = 0; row < Rows; row++)
        {
            for (int b = 0; b < Blocks; b++)
            {
                float[] values = [.. matrix.Skip(row * Columns + b * Block).Take(Math.Min(Block, Columns - b * Block))];
                int zero = At(quantized.ZeroPoints.Bytes, row * ((Blocks * bits + 7) / 8), b, bits);
                float scale = scales[row * Blocks + b];
                double error = 0, simple = 0, step = (Math.Max(0, values.Max()) - Math.Min(0, values.Min())) / ((1 << bits) - 1);
                for (int i = 0; i < values.Length; i++)
                {
                    int integer = At(quantized.Data.Bytes, (row * Blocks + b) * Block * bits / 8, i, bits);
                    error += Math.Pow(values[i] - scale * (integer - zero), 2);
                    simple += Math.Pow(step / 2, 2);
                }
                Assert.InRange(scale, float.Epsilon, float.MaxValue);
                Assert.InRange(error, 0, simple * 1.5);
            }
        }
    }

    [Fact]
    public void Blocks_of_zeros_stay_zeros()
    {
        BlockQuantized quantized = BlockQuantizer.Quantize(new float[32], 1, 32, 4, 32);
        Assert.True(float.IsNormal(quantized.Scales.AsSpan<float>()[0]));
        Assert.All(quantized.Data.Bytes.ToArray(), pair => Assert.Equal(quantized.ZeroPoints.Bytes[0] * 0x11, pair));
    }

    private static int At(ReadOnlySpan<byte> bytes, int start, int index, int bits) => bytes[start + index * bits / 8] >> (index * bits % 8) & ((1 << bits) - 1);
}
