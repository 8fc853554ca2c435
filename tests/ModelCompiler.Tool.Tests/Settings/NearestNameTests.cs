using ModelCompiler.Tool.Settings;
using Xunit;

namespace ModelCompiler.Tool.Tests.Settings;

public class NearestNameTests
{
    [Theory]
    [InlineData("", "", 0)]
    [InlineData("", "abc", 3)]
    [InlineData("kitten", "sitting", 3)]
    [InlineData("flaw", "lawn", 2)]
    [InlineData("same", "same", 0)]
    [InlineData("cdua", "cuda", 1)]
    public void Counts_edits(string a, string b, int distance)
    {
        Assert.Equal(distance, NearestName.Distance(a, b));
        Assert.Equal(distance, NearestName.Distance(b, a));
    }

    [Theory]
    [InlineData("itn8", "Int8")]
    [InlineData("INT 8", "Int8")]
    [InlineData("Flaot32", "Float32")]
    [InlineData("quantized", "Int8")]
    [InlineData("fp16", "Float16")]
    [InlineData("Int8Static", "Int8")]
    [InlineData("AVX-512", "Avx512Vnni")]
    [InlineData("gpu", null)]
    [InlineData("x", null)]
    public void Finds_what_was_meant_if_anything(string text, string? expected) =>
        Assert.Equal(expected, NearestName.Find(text, ["Float32", "Float16", "Int8", "Int4", "Auto", "Avx512Vnni"]));
}
