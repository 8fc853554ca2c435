using Xunit;

namespace ModelCompiler.Runtime.Tests.Tensors;

public class TensorBufferTests
{
    [Fact]
    public void Shares_the_array_it_is_made_over()
    {
        float[] array = [1, 2, 3, 4];
        var tensor = TensorBuffer.Create([2, 2], array);

        tensor.AsSpan<float>()[3] = 9;

        Assert.Equal(9, array[3]);
        Assert.Equal("float32[2, 2]", tensor.ToString());
        Assert.Equal(4, tensor.Length);
        Assert.Equal(16, tensor.Bytes.Length);
    }

    [Fact]
    public void Pins_the_memory_it_is_made_over()
    {
        int[] array = [1, 2, 3];
        var tensor = TensorBuffer.Create([2], array.AsMemory(1));

        using var pin = tensor.Memory[4..].Pin();

        unsafe
        {
            Assert.Equal(3, *(int*)pin.Pointer);
        }
    }

    [Fact]
    public void The_shape_must_have_as_many_elements()
    {
        var error = Assert.Throws<ArgumentException>(() => TensorBuffer.Create([2, 3], new float[5]));

        Assert.StartsWith("The shape [2, 3] has 6 elements, got 5.", error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => TensorBuffer.Create([3], ["a"]));
        Assert.Throws<ArgumentException>(() => TensorBuffer.Create(TensorElementType.Int4, [3], new byte[1]));
    }

    [Fact]
    public void A_shape_that_overflows_or_is_negative_is_refused()
    {
        Assert.Throws<ArgumentException>(() => TensorBuffer.Create([-1], new float[1]));
        Assert.Throws<ArgumentException>(() => TensorBuffer.Create([long.MaxValue, 2], new float[1]));
        Assert.Throws<ArgumentException>(() => TensorBuffer.Create(TensorElementType.Float32, [1L << 40]));
        Assert.Equal(0, TensorBuffer.Create<float>([long.MaxValue, long.MaxValue, 0], []).Length);
    }

    [Fact]
    public void Elements_show_as_their_own_type_only()
    {
        var floats = TensorBuffer.Create([1], [1f]);

        Assert.Equal("The elements are float32, not Int32.", Assert.Throws<InvalidOperationException>(() => floats.AsSpan<int>().Length).Message);
        Assert.Throws<InvalidOperationException>(() => floats.AsSpan<byte>().Length);
        Assert.Throws<InvalidOperationException>(() => floats.Strings);
        Assert.Throws<InvalidOperationException>(() => TensorBuffer.Create([1], ["a"]).AsSpan<byte>().Length);
    }

    [Fact]
    public void What_has_no_bytes_or_no_element_type_is_refused()
    {
        Assert.Throws<ArgumentException>(() => TensorBuffer.Create(TensorElementType.String, [1]));
        Assert.Throws<ArgumentException>(() => TensorBuffer.Create([1], [decimal.One]));
        Assert.Throws<ArgumentException>(() => TensorBuffer.Create([2], ["a", null!]));
        Assert.Throws<ArgumentNullException>(() => TensorBuffer.Create([1], (string[])null!));
    }

    [Fact]
    public void Made_by_type_it_is_zero()
    {
        var tensor = TensorBuffer.Create(TensorElementType.UInt4, [3, 3]);

        Assert.Equal(5, tensor.Bytes.Length);
        Assert.True(tensor.Bytes.IndexOfAnyExcept((byte)0) < 0);
    }
}
