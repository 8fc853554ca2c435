using ModelCompiler.Json;
using Xunit;

namespace ModelCompiler.Generator.Tests.Json;

public sealed class JsonReaderTests
{
    [Fact]
    public void Reads_every_kind_of_value()
    {
        var root = JsonReader.Parse("""
            { "s": "a\"\\\/\b\f\n\r\t\u00e9", "i": -12, "d": 2.5e-3, "t": true, "f": false, "n": null, "a": [1, [], {}] }
            """);

        Assert.Equal("a\"\\/\b\f\n\r\t\u00e9", root["s"].AsString());
        Assert.Equal(-12, root["i"].AsInt64());
        Assert.Equal(0.0025, root["d"].AsDouble());
        Assert.True(root["t"].AsBoolean());
        Assert.False(root["f"].AsBoolean());
        Assert.Null(root["n"].AsStringOrNull());
        Assert.Equal(3, root["a"].Items.Count);
        Assert.True(root["absent"].IsNull);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("{\"a\"}")]
    [InlineData("{\"a\":1,}")]
    [InlineData("{\"a\":1,\"a\":2}")]
    [InlineData("[1,]")]
    [InlineData("[1 2]")]
    [InlineData("[1]x")]
    [InlineData("01")]
    [InlineData("1.")]
    [InlineData("-")]
    [InlineData("1e")]
    [InlineData("+1")]
    [InlineData("NaN")]
    [InlineData("tru")]
    [InlineData("'a'")]
    [InlineData("\"a")]
    [InlineData("\"a\nb\"")]
    [InlineData("\"\\x\"")]
    [InlineData("\"\\u12g4\"")]
    [InlineData("// comment")]
    public void Refuses_what_is_not_json(string text)
    {
        var e = Assert.Throws<JsonFormatException>(() => JsonReader.Parse(text));
        Assert.Contains("(line ", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Says_line_and_column()
    {
        var e = Assert.Throws<JsonFormatException>(() => JsonReader.Parse("{\n  \"a\": ?\n}"));
        Assert.Equal("expected a value (line 2, column 8)", e.Message);
    }

    [Fact]
    public void Refuses_depth_that_could_exhaust_the_stack()
    {
        string deepest = new string('[', JsonReader.MaxDepth) + new string(']', JsonReader.MaxDepth);
        Assert.Equal(JsonKind.Array, JsonReader.Parse(deepest).Kind);
        Assert.Throws<JsonFormatException>(() => JsonReader.Parse(new string('[', 1_000_000)));
    }

    [Theory]
    [InlineData("{\"a\":[0,\"x\"]}", "$.a[1] should be a 64-bit integer")]
    [InlineData("{\"a\":[0,1.5]}", "$.a[1] should be a 64-bit integer")]
    [InlineData("{\"a\":[0,99999999999999999999]}", "$.a[1] should be a 64-bit integer")]
    public void Names_the_path_of_a_value_of_the_wrong_kind(string text, string message)
    {
        var e = Assert.Throws<JsonFormatException>(() => JsonReader.Parse(text)["a"].Items[1].AsInt64());
        Assert.Contains(e.Message, new[] { message, "$.a[1] should be a number" });
    }

    [Theory]
    [InlineData("1e999")]
    [InlineData("-1e999")]
    public void Refuses_numbers_beyond_a_double(string text) => Assert.Throws<JsonFormatException>(() => JsonReader.Parse(text).AsDouble());
}
