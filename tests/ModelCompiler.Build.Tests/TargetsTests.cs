using System.Text.Json;
using Xunit;

namespace ModelCompiler.Build.Tests;

/// <summary>The props and targets in real builds, one story each: a build costs seconds.</summary>
public sealed class TargetsTests : IDisposable
{
    private const string BothModels = """
        <OptimizedModel Include="models/a.onnx" />
        <OptimizedModel Include="models/b.onnx" Precision="Int8" Calibration="data" />
        """;

    private readonly SdkProject _project = new(BothModels);

    public TargetsTests()
    {
        _project.Files.Write("models/a.onnx", "model a");
        _project.Files.Write("models/b.onnx", "model b");
        _project.Files.Write("data/one.npy", "sample");
    }

    public void Dispose() => _project.Dispose();

    [Fact]
    public void Each_build_does_exactly_the_work_that_changes_need()
    {
        string first = _project.Build("build");
        Assert.Equal(["a,b"], _project.ToolStarts);
        AssertAdditionalFiles(first);
        Assert.Equal("model b", File.ReadAllText(_project.Files.PathOf("bin/Debug/net10.0/models/b.onnx")));

        string second = _project.Build("build", "--no-restore");
        Assert.Single(_project.ToolStarts);
        AssertAdditionalFiles(second);

        _project.Files.Touch("data/one.npy");
        File.Delete(_project.Files.PathOf("bin/Debug/net10.0/models/a.onnx"));
        _project.Build("build", "--no-restore");
        Assert.Equal(["a,b", "b"], _project.ToolStarts);
        Assert.True(_project.Exists("bin/Debug/net10.0/models/a.onnx"));

        _project.WriteProject("<OptimizedModel Include=\"models/b.onnx\" Precision=\"Int8\" Calibration=\"data\" />");
        _project.Build("build", "--no-restore");
        Assert.Equal(["a,b", "b"], _project.ToolStarts);
        Assert.False(_project.Exists("obj/Debug/net10.0/models/a"));
        Assert.False(_project.Exists("bin/Debug/net10.0/models/a.onnx"));
        Assert.True(_project.Exists("bin/Debug/net10.0/models/b.onnx"));
    }

    [Fact]
    public void Visual_Studio_and_dotnet_watch_look_at_models_and_what_they_are_compiled_with()
    {
        using JsonDocument items = JsonDocument.Parse(_project.Build("msbuild", "-nologo", "-getItem:UpToDateCheckInput", "-getItem:Watch"));

        Assert.Equal(["data", "models/a.onnx", "models/b.onnx"], Identities("UpToDateCheckInput"));
        Assert.Equal(["models/a.onnx", "models/b.onnx"], Identities("Watch"));

        string[] Identities(string type) => [.. items.RootElement.GetProperty("Items").GetProperty(type).EnumerateArray()
            .Select(item => item.GetProperty("Identity").GetString()!).Where(name => name.StartsWith("models/", StringComparison.Ordinal) || name == "data").Order(StringComparer.Ordinal)];
    }

    [Fact]
    public void Publish_carries_the_models_and_clean_removes_them()
    {
        _project.Files.Write("models/a.onnx.compiled", "engine of a");
        _project.Build("publish", "-c", "Debug", "-o", "out");
        Assert.True(_project.Exists("out/models/a.onnx"));
        Assert.Equal("engine of a", File.ReadAllText(_project.Files.PathOf("out/models/a.onnx.compiled")));
        Assert.Single(_project.ToolStarts);

        _project.Build("publish", "-c", "Debug", "-o", "out2", "--no-build");
        Assert.True(_project.Exists("out2/models/b.onnx"));
        Assert.Single(_project.ToolStarts);

        _project.Build("clean");
        Assert.False(_project.Exists("obj/Debug/net10.0/models"));
        Assert.Empty(Requests());
        Assert.Empty(Directory.GetFiles(_project.Files.PathOf("bin"), "*.onnx*", SearchOption.AllDirectories));
        Assert.Single(_project.ToolStarts);

        _project.Build("build", "--no-restore", "-t:Rebuild");
        Assert.Equal(["a,b", "a,b"], _project.ToolStarts);
    }

    [Fact]
    public void Design_time_builds_describe_what_is_new_and_compile_nothing()
    {
        _project.Build("restore");
        string first = DesignTimeBuild();
        Assert.Contains("additional: a.signature.json true", first, StringComparison.Ordinal);
        Assert.Contains("additional: b.signature.json true", first, StringComparison.Ordinal);
        Assert.Equal(first, DesignTimeBuild());
        Assert.Equal(["describe a,b"], _project.ToolStarts);

        _project.Build("build", "--no-restore");
        AssertAdditionalFiles(DesignTimeBuild());
        Assert.Equal(["describe a,b", "a,b"], _project.ToolStarts);

        // A changed model shows its new signature, and one that is being written keeps the last one that was good.
        _project.Files.Write("models/a.onnx", "model a, changed");
        _project.Files.Write("models/b.onnx", "broken");
        string changed = DesignTimeBuild();
        Assert.Contains("additional: a.signature.json true", changed, StringComparison.Ordinal);
        Assert.Contains("additional: b.model.json true", changed, StringComparison.Ordinal);
        Assert.Equal(["describe a,b", "a,b", "describe a,b"], _project.ToolStarts);
        Assert.Equal("model a", File.ReadAllText(_project.Files.PathOf("obj/Debug/net10.0/models/a/a.onnx")));
        Assert.Empty(Requests());
    }

    [Fact]
    public void A_design_time_build_fails_for_nothing()
    {
        _project.WriteProject("""<OptimizedModel Include="models/*.onnx;models/missing.onnx" /><OptimizedModel Include="models/a.onnx" Name="../x" />""");
        _project.Build("restore");

        Assert.DoesNotContain("warning", DesignTimeBuild(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("NoWarn", 0, "")]
    [InlineData("WarningsAsErrors", 1, "error OM4002: a is slow")]
    public void Warnings_are_silenced_and_promoted_by_their_id(string property, int expectedExitCode, string expected)
    {
        _project.WriteProject("""<OptimizedModel Include="models/a.onnx" Fake="warn" />""", $"<TargetFramework>net10.0</TargetFramework><{property}>OM4002</{property}>");
        _project.Build("restore");

        var (exitCode, output) = _project.TryBuild("msbuild", "-t:CollectModels", "-p:BuildingProject=true");

        Assert.Equal(expectedExitCode, exitCode);
        Assert.DoesNotContain("warning", output, StringComparison.Ordinal);
        Assert.Contains(expected, output, StringComparison.Ordinal);
        Assert.Equal(expectedExitCode, _project.TryBuild("msbuild", "-t:CollectModels", "-p:BuildingProject=true").ExitCode);
    }

    [Fact]
    public void Each_target_framework_has_its_own_outputs()
    {
        _project.WriteProject(BothModels, "<OutputType>Library</OutputType><TargetFrameworks>net10.0;netstandard2.0</TargetFrameworks>");

        _project.Build("build");

        Assert.Equal(["a,b", "a,b"], _project.ToolStarts);
        Assert.True(_project.Exists("bin/Debug/net10.0/models/a.onnx"));
        Assert.True(_project.Exists("bin/Debug/netstandard2.0/models/a.onnx"));
    }

    [Fact]
    public void Names_that_mean_something_to_MSBuild_are_only_names()
    {
        string[] names = ["we;ird", "pe%41r", "sp ace'(1)", "a$(b)@(c)", "\u65e5\u672c"];
        foreach (string name in names)
        {
            _project.Files.Write($"odd/{name}.onnx", name);
        }

        _project.WriteProject("<OptimizedModel Include=\"odd/*.onnx\" />");
        _project.Build("build");

        Assert.All(names, name => Assert.Equal(name, File.ReadAllText(_project.Files.PathOf($"bin/Debug/net10.0/models/{name}.onnx"))));
    }

    [Fact]
    public void Models_of_a_library_reach_the_program_that_references_it()
    {
        _project.WriteProject(BothModels + "<Compile Remove=\"program/**\" />", "<OutputType>Library</OutputType><TargetFramework>net10.0</TargetFramework>");
        _project.Files.Write("program/Program.cs", "internal static class Program { private static void Main() { } }");
        _project.Files.Write("program/Program.csproj", """
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
              </PropertyGroup>
              <ItemGroup>
                <ProjectReference Include="../App.csproj" />
              </ItemGroup>
            </Project>
            """);

        _project.Build("publish", "program", "-c", "Debug", "-o", "out");

        Assert.Equal(["a,b"], _project.ToolStarts);
        Assert.True(_project.Exists("program/bin/Debug/net10.0/models/a.onnx"));
        Assert.True(_project.Exists("out/models/b.onnx"));
    }

    private string[] Requests() => Directory.GetFiles(_project.Files.PathOf("obj"), "*.request.json", SearchOption.AllDirectories);

    private string DesignTimeBuild() => _project.Build(
        "msbuild", "-t:Compile", "-p:DesignTimeBuild=true", "-p:SkipCompilerExecution=true", "-p:ProvideCommandLineArgs=true");

    private static void AssertAdditionalFiles(string output)
    {
        Assert.Contains("additional: a.model.json true", output, StringComparison.Ordinal);
        Assert.Contains("additional: b.model.json true", output, StringComparison.Ordinal);
    }
}
