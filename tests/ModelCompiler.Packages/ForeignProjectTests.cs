using Xunit;

namespace ModelCompiler.Packages;

/// <summary>Projects that the packages cannot serve, or not in full: the build says so, not the program.</summary>
public sealed class ForeignProjectTests(PackageFixture package) : IDisposable
{
    private readonly UserProject _project = new(package, """<OptimizedModel Include="models/digits.onnx" />""");

    public void Dispose() => _project.Dispose();

    [Fact]
    public void Visual_Basic_gets_the_model_and_is_told_that_there_is_no_predictor()
    {
        _project.Write("Program.vb", "Module Program\nSub Main()\nEnd Sub\nEnd Module\n");
        File.Move(_project.PathOf("App.csproj"), _project.PathOf("App.vbproj"));

        string output = _project.Build("build");

        Assert.Matches(@"App\.vbproj : warning OM2106: .*C# class library", output);
        Assert.True(File.Exists(_project.PathOf("bin/Debug/net10.0/models/digits.onnx")));
    }

    /// <summary>One that NuGet finds nothing for, and one for which it finds the library of another C library.</summary>
    [Theory]
    [InlineData("osx-x64")]
    [InlineData("linux-musl-x64")]
    public void A_program_for_a_platform_without_ONNX_Runtime_is_refused_unless_it_brings_its_own(string runtime)
    {
        string[] options = ["msbuild", "-t:ResolvePackageAssets", $"-p:RuntimeIdentifier={runtime}", "-p:SelfContained=false", "-p:UseAppHost=false"];
        _project.Build(["restore", .. options[2..]]);

        var (exitCode, output) = _project.TryBuild(options);

        Assert.True(exitCode == 1, output);
        Assert.Contains($"error OM5061: ModelCompiler brings no ONNX Runtime for the RuntimeIdentifier '{runtime}'", output, StringComparison.Ordinal);
        _project.Build([.. options, "-p:ModelCompilerEmbeddedRuntime=false"]);
        _project.Build([.. options, "-p:OutputType=Library"]);
    }
}
