using System.Numerics;
using System.Runtime.CompilerServices;
using Xunit;

namespace ModelCompiler.Runtime.Tests.Tensors;

public class ElementTypesTests
{
    [Fact]
    public void A_dotnet_type_is_as_wide_as_its_element_type()
    {
        AssertWidth<float>();
        AssertWidth<byte>();
        AssertWidth<sbyte>();
        AssertWidth<ushort>();
        AssertWidth<short>();
        AssertWidth<int>();
        AssertWidth<long>();
        AssertWidth<bool>();
        AssertWidth<Half>();
        AssertWidth<BFloat16>();
        AssertWidth<double>();
        AssertWidth<uint>();
        AssertWidth<ulong>();
        AssertWidth<Complex>();
    }

    [Fact]
    public void Every_type_but_strings_has_a_width() => Assert.Equal(
        [TensorElementType.Undefined, TensorElementType.String],
        Enum.GetValues<TensorElementType>().Where(type => type.BitWidth() == 0));

    [Theory]
    [InlineData(TensorElementType.Int4, 0, 0)]
    [InlineData(TensorElementType.Int4, 1, 1)]
    [InlineData(TensorElementType.UInt4, 2, 1)]
    [InlineData(TensorElementType.UInt4, 3, 2)]
    [InlineData(TensorElementType.Float16, 3, 6)]
    public void Sizes_round_up_to_bytes(TensorElementType type, long count, long bytes) => Assert.Equal(bytes, type.ByteSize(count));

    [Fact]
    public void A_size_that_does_not_fit_overflows() =>
        Assert.Throws<OverflowException>(() => TensorElementType.Float64.ByteSize(long.MaxValue / 8));

    private static void AssertWidth<T>()
    {
        Assert.NotEqual(TensorElementType.Undefined, ElementTypes.Of<T>());
        Assert.Equal(Unsafe.SizeOf<T>() * 8, ElementTypes.Of<T>().BitWidth());
    }
}
