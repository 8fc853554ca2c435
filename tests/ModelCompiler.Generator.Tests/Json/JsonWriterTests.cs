using System.Globalization;
using ModelCompiler.Json;
using Xunit;

namespace ModelCompiler.Generator.Tests.Json;

public sealed class JsonWriterTests
{
    [Fact]
    public void Writes_indented_ascii()
    {
        var json = new JsonWriter().BeginObject();
        json.Name("a").BeginArray().Value(1).Value("\u00e9\"\\\n\u2028").EndArray();
        json.Name("empty").BeginArray().EndArray();
        json.Name("o").BeginObject().Name("n").Value((string?)null).Name("b").Value(true).EndObject();

        Assert.Equal(
            "{\n  \"a\": [\n    1,\n    \"\\u00e9\\\"\\\\\\u000a\\u2028\"\n  ],\n  \"empty\": [],\n  \"o\": {\n    \"n\": null,\n    \"b\": true\n  }\n}\n",
            json.EndObject().ToString());
    }

    [Fact]
    public void Writes_numbers_the_same_in_every_culture()
    {
        var before = CultureInfo.CurrentCulture;
        CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo("ar-SA");
        try
        {
            Assert.Equal("-0.25\n", new JsonWriter().Value(-0.25).ToString());
            Assert.Equal("-7\n", new JsonWriter().Value(-7L).ToString());
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void Refuses_what_json_cannot_say(double value) => Assert.Throws<ArgumentOutOfRangeException>(() => new JsonWriter().Value(value));

    [Fact]
    public void What_it_writes_reads_back()
    {
        string text = string.Concat(Enumerable.Range(0, 0x3000).Select(c => (char)c)) + "\ud800";

        Assert.Equal(text, JsonReader.Parse(new JsonWriter().Value(text).ToString()).AsString());
    }
}
