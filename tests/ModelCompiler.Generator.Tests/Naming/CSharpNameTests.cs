using ModelCompiler.Generator.Naming;
using Xunit;

namespace ModelCompiler.Generator.Tests.Naming;

public sealed class CSharpNameTests
{
    [Theory]
    [InlineData("logits", "Logits")]
    [InlineData("onnx::Flatten_0", "OnnxFlatten0")]
    [InlineData("input:0", "Input0")]
    [InlineData("Identity_1:0", "Identity1_0")]
    [InlineData("boxScores", "BoxScores")]
    [InlineData("39", "Output39")]
    [InlineData("", "Output")]
    [InlineData("///", "Output")]
    [InlineData("{\"name\": \"a\"}", "NameA")]
    [InlineData("\uff41\uff22\uff11", "AB1")]
    [InlineData("caf\u00e9", "CafU00E9")]
    [InlineData("\u8f93\u51fa", "U8F93U51FA")]
    [InlineData("a\u200bb", "AU200BB")]
    [InlineData("a\u202eb", "AU202EB")]
    [InlineData("class", "Class")]
    [InlineData("\U0001F600", "U1F600")]
    [InlineData("a\U0001F44D\U0001F3FDb", "AU1F44DU1F3FDB")]
    [InlineData("cafe\u0301", "CafeU0301")]
    [InlineData("_", "Output")]
    public void Makes_members(string raw, string expected) => Assert.Equal(expected, CSharpName.Pascal(raw, "Output"));

    [Theory]
    [InlineData("input", "input")]
    [InlineData("SR", "sr")]
    [InlineData("InputIds", "inputIds")]
    [InlineData("in", "inValue")]
    [InlineData("class", "classValue")]
    [InlineData("39", "input39")]
    public void Makes_parameters(string raw, string expected) => Assert.Equal(expected, CSharpName.Camel(raw, "input"));

    [Fact]
    public void Cuts_names_that_nobody_can_read() => Assert.Equal(60, CSharpName.Pascal(new string('a', 100_000), "Output").Length);

    /// <summary>A pair of surrogates is one letter, of which no half stays behind where a name is cut.</summary>
    [Fact]
    public void Cuts_between_letters() => Assert.EndsWith("AU1F600", CSharpName.Pascal(new string('a', 59) + "\U0001F600", "Output"), StringComparison.OrdinalIgnoreCase);

    [Theory]
    [InlineData("Reader", "Reader")]
    [InlineData("class", "@class")]
    [InlineData("digits", "@digits")]
    [InlineData("\u041f\u0440", "\\u041F\\u0440")]
    public void Makes_types_of_names_of_users(string name, string expected) => Assert.Equal(expected, CSharpName.EscapeTypeName(name));

    [Theory]
    [InlineData("My.App", "My.App")]
    [InlineData("2D-App", "_2D_App")]
    [InlineData("My.class.App", "My.@class.App")]
    [InlineData("A..B", "A._.B")]
    [InlineData("\u041f\u0440", "\\u041F\\u0440")]
    [InlineData("a;b{}", "a_b__")]
    [InlineData("", "")]
    public void Makes_namespaces(string text, string expected) => Assert.Equal(expected, CSharpName.Namespace(text));

    [Theory]
    [InlineData("Reader", true)]
    [InlineData("\u041f\u0440", true)]
    [InlineData("a b", false)]
    [InlineData("1a", false)]
    [InlineData("", false)]
    [InlineData("a\u200d", false)]
    public void Takes_only_clear_names_of_users(string text, bool expected) => Assert.Equal(expected, CSharpName.IsUserName(text));

    [Theory]
    [InlineData("a_1", "\"a_1\"")]
    [InlineData("models/a-b.onnx", "\"models/a-b.onnx\"")]
    [InlineData("a b:0", "\"a b:0\"")]
    [InlineData("{a}*", "\"\\u007Ba\\u007D\\u002A\"")]
    [InlineData("\"\\\u2028", "\"\\u0022\\u005C\\u2028\"")]
    public void Escapes_literals(string text, string expected) => Assert.Equal(expected, SafeLiteral.Of(text));

    [Fact]
    public void Halves_of_surrogate_pairs_stay_what_they_are()
    {
        Assert.Equal("\"\\uD800\"", SafeLiteral.Of("\ud800"));
        Assert.Equal("UD800A", CSharpName.Pascal("\ud800a", "Output"));
    }

    [Fact]
    public void Numbers_names_that_are_taken()
    {
        var scope = new NameScope("ToString");

        Assert.Equal(["A", "A2", "A3", "B1", "B1_2", "ToString2"], new[] { "A", "A", "A", "B1", "B1", "ToString" }.Select(scope.Add));
        Assert.Equal(["A2", "A3", "B1_2", "ToString2"], scope.Renamed);
    }
}
