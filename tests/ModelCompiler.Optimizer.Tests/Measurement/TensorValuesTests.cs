using System.Numerics;
using ModelCompiler.Optimizer.Measurement;
using ModelCompiler.Runtime;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Measurement;

public class TensorValuesTests
{
    [Fact]
    public void Reads_every_type_of_numbers()
    {
        Check([1.5, -2], new[] { 1.5f, -2f });
        Check([1.5, -2], new[] { 1.5, -2.0 });
        Check([1.5, -2], new[] { (Half)1.5f, (Half)(-2f) });
        Check([1.5, -2], new[] { new BFloat16(0x3FC0), new BFloat16(0xC000) });
        Check([7, -8], new sbyte[] { 7, -8 });
        Check([7, 255], new byte[] { 7, 255 });
        Check([7, -8], new short[] { 7, -8 });
        Check([7, 65535], new ushort[] { 7, 65535 });
        Check([7, -8], new[] { 7, -8 });
        Check([7, uint.MaxValue], new uint[] { 7, uint.MaxValue });
        Check([7, -(1L << 53)], new long[] { 7, -(1L << 53) });
        Check([7, 1UL << 63], new ulong[] { 7, 1UL << 63 });
        Check([1, 0], new[] { true, false });
        Check([1, 2, 3, -4], new[] { new Complex(1, 2), new Complex(3, -4) });
    }

    [Fact]
    public void Reads_types_without_arithmetic_by_their_bytes()
    {
        TensorBuffer packed = TensorBuffer.Create(TensorElementType.UInt4, [3], new byte[] { 0x21, 0x03 });
        Assert.Equal(2, TensorValues.Count(packed));
        double[] values = new double[2];
        TensorValues.CopyTo(packed, 0, values);
        Assert.Equal([0x21, 3], values);
    }

    private static void Check<T>(double[] expected, T[] data)
        where T : unmanaged
    {
        TensorBuffer tensor = TensorBuffer.Create([data.Length], data);
        Assert.Equal(expected.Length, TensorValues.Count(tensor));
        double[] values = new double[expected.Length];
        TensorValues.CopyTo(tensor, 0, values.AsSpan(0, 1));
        TensorValues.CopyTo(tensor, 1, values.AsSpan(1));
        Assert.Equal(expected, values);
    }
}
