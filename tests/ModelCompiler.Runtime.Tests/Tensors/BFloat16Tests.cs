using Xunit;

namespace ModelCompiler.Runtime.Tests.Tensors;

public class BFloat16Tests
{
    [Fact]
    public void Every_value_survives_the_way_through_a_float()
    {
        for (int bits = 0; bits <= ushort.MaxValue; bits++)
        {
            var value = new BFloat16((ushort)bits);
            var back = (BFloat16)(float)value;
            Assert.True(float.IsNaN(value) ? float.IsNaN(back) : back == value, $"{bits:x4} became {back.Bits:x4}");
        }
    }

    [Theory]
    [InlineData(0x3F800000u, 0x3F80)] // 1
    [InlineData(0x3F808000u, 0x3F80)] // a tie goes to the even one below
    [InlineData(0x3F818000u, 0x3F82)] // a tie goes to the even one above
    [InlineData(0x3F808001u, 0x3F81)] // just above a tie
    [InlineData(0x7F7FFFFFu, 0x7F80)] // the largest float rounds to infinity
    [InlineData(0x80000001u, 0x8000)] // the smallest negative float rounds to negative zero
    [InlineData(0x7F800001u, 0x7FC0)] // NaN with a low payload stays NaN
    public void Rounds_to_nearest_even(uint from, int to) =>
        Assert.Equal((ushort)to, ((BFloat16)BitConverter.UInt32BitsToSingle(from)).Bits);

    [Fact]
    public void Compares_as_numbers()
    {
        BFloat16 small = (BFloat16)(-2f), large = (BFloat16)1f, nan = (BFloat16)float.NaN;

        Assert.True(small < large && large > small && small <= large && large >= small);
        Assert.False(nan < large || nan > large);
        Assert.True(nan.CompareTo(small) < 0);
        Assert.Equal("-2", small.ToString());
    }
}
