using ModelCompiler.Json;
using ModelCompiler.Requests;
using Xunit;

namespace ModelCompiler.Build.Tests.Requests;

public sealed class BuildRequestFormatTests
{
    private static readonly BuildRequest Request = new()
    {
        ProjectFile = "/src/My App/App.csproj",
        RootNamespace = "My.App",
        ParentProcessId = 4711,
        IsDesignTime = true,
        Cache = "../cache",
        CacheLimit = 17,
        Timeout = 60,
        MemoryLimit = 2048,
        Items =
        [
            new BuildRequestItem
            {
                Model = "/src/My App/models/zahlen-\u00e9\u2028.onnx",
                Name = "digits",
                OutputDirectory = "/src/My App/obj/models/digits",
                Stamp = "abc",
                DefinedIn = "/src/My App/App.csproj",
                Line = 12,
                Column = 5,
                Metadata = new SortedDictionary<string, string> { ["Precision"] = "Int8", ["Rename"] = "39=\"Score\";a=b" },
            },
        ],
    };

    [Fact]
    public void Reads_what_it_wrote()
    {
        string text = BuildRequestFormat.Write(Request);

        var read = BuildRequestFormat.Read(text);

        Assert.Equal(text, BuildRequestFormat.Write(read));
        Assert.Equal((true, "../cache", 17, 60, 2048), (read.IsDesignTime, read.Cache, read.CacheLimit, read.Timeout, read.MemoryLimit));
        var item = Assert.Single(read.Items);
        Assert.Equal(Request.Items[0].Model, item.Model);
        Assert.Equal(Request.Items[0].Metadata, item.Metadata);
        Assert.Equal("/src/My App/App.csproj(12,5)", item.Origin);
        Assert.All(text, c => Assert.True(c is '\n' or (>= ' ' and <= '~')));
    }

    [Fact]
    public void Finds_metadata_in_any_case() =>
        Assert.Equal("Int8", BuildRequestFormat.Read(BuildRequestFormat.Write(Request)).Items[0].Metadata["pRECISION"]);

    [Theory]
    [InlineData("{\"version\": 1}", "$.version")]
    [InlineData("{\"version\": 2, \"projectFile\": 3}", "$.projectFile")]
    [InlineData("[]", "$")]
    public void Says_which_member_is_wrong(string text, string path)
    {
        var e = Assert.Throws<JsonFormatException>(() => BuildRequestFormat.Read(text));
        Assert.StartsWith(path + " ", e.Message, StringComparison.Ordinal);
    }
}
