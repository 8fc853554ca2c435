using ModelCompiler.Tests;
using Xunit;

namespace ModelCompiler.Build.Tests;

public sealed class ItemLocatorTests : IDisposable
{
    private readonly Workspace _workspace = new();

    public void Dispose() => _workspace.Dispose();

    [Theory]
    [InlineData("models/a.onnx", 3, 5)]
    [InlineData("models\\B.onnx", 4, 7)]
    [InlineData("c.onnx", 4, 7)]
    [InlineData("elsewhere.onnx", 0, 0)]
    public void Finds_the_element_that_names_the_item(string include, int line, int column)
    {
        string project = Project("""
            <Project Sdk="Microsoft.NET.Sdk">
              <ItemGroup>
                <OptimizedModel Include="models/a.onnx" Precision="Int8" />
                  <OptimizedModel Include="./models/b.onnx; c.onnx" />
              </ItemGroup>
            </Project>
            """);

        Assert.Equal((line, column), ItemLocator.Find(project, include, "name"));
    }

    [Fact]
    public void Takes_the_only_element_for_what_a_wildcard_gave()
    {
        string project = Project("<Project>\n <ItemGroup>\n  <OptimizedModel Include=\"**/*.onnx\" />\n </ItemGroup>\n</Project>");

        Assert.Equal((3, 3), ItemLocator.Find(project, "deep/a.onnx", "a"));
    }

    [Theory]
    [InlineData("/src/models/a.onnx", 2)]
    [InlineData("/src/models/b.onnx", 3)]
    [InlineData("/src/models/c.onnx", 0)]
    public void Sees_through_properties(string include, int line)
    {
        string project = Project("<Project>\n<OptimizedModel Include=\"$(MSBuildThisFileDirectory)models/a.onnx\" />\n<OptimizedModel Include=\"$(Models)/b.onnx;$(C)\" />\n</Project>");

        Assert.Equal((line, line == 0 ? 0 : 1), ItemLocator.Find(project, include, "name"));
    }

    [Fact]
    public void Tells_items_of_one_model_by_their_names()
    {
        string project = Project("<Project>\n<OptimizedModel Include=\"a.onnx\" />\n<OptimizedModel Include=\"a.onnx\" Name=\"b\" />\n</Project>");

        Assert.Equal((2, 1), ItemLocator.Find(project, "a.onnx", "a"));
        Assert.Equal((3, 1), ItemLocator.Find(project, "a.onnx", "b"));
    }

    [Theory]
    [InlineData("<Project><OptimizedModel Include='a.onnx'")]
    [InlineData("<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><Project>&e;</Project>")]
    public void Gives_no_place_for_a_file_it_cannot_read(string text) => Assert.Equal((0, 0), ItemLocator.Find(Project(text), "a.onnx", "a"));

    [Fact]
    public void Gives_no_place_for_a_missing_file() => Assert.Equal((0, 0), ItemLocator.Find(_workspace.PathOf("none.csproj"), "a.onnx", "a"));

    private string Project(string text) => _workspace.Write("App.csproj", text);
}
