using ModelCompiler.Tests;
using Xunit;

namespace ModelCompiler.Packages;

/// <summary>
/// A build as a strict CI runs it in a container: packages restored from the project file alone, no home, a temporary folder elsewhere, files that nobody
/// else can read, an odd time zone, warnings as errors, no servers, a static graph; then published without building again.
/// </summary>
public sealed class ContainerBuildTests(PackageFixture package) : IDisposable
{
    private readonly Workspace _source = new();

    // No cache of the tests: the user's, which there is none of here.
    private readonly UserProject _project = new(package, """<OptimizedModel Include="models/digits.onnx" />""", "<ModelCompilerCache></ModelCompilerCache>");

    public void Dispose()
    {
        _project.Dispose();
        _source.Dispose();
    }

    [Fact]
    public void It_builds_and_publishes_and_writes_nothing_elsewhere()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Sets the mask of new files by a shell.");
        _project.Write("Program.cs", "using var digits = new App.DigitsPredictor(); System.Console.WriteLine(digits.Predict(new float[784]).Logits.Length);");
        Directory.Move(_project.PathOf("models"), _source.PathOf("models"));
        _project.Build("restore");
        Directory.Move(_source.PathOf("models"), _project.PathOf("models"));

        string output = Run("build", "--no-restore", "-c", "Release", "-warnaserror", "-graph", "--disable-build-servers");
        Run("publish", "--no-build", "-o", "out");

        Assert.Contains("digits: Float32", output, StringComparison.Ordinal);
        Assert.DoesNotContain("from the cache", output, StringComparison.Ordinal);
        Assert.Equal("10", _project.Run("out/App.dll"));
        string mode = DotNet.Run(_project.Folder, new Dictionary<string, string>(), "stat", "-c", "%a", "obj/Release/net10.0/models/digits/digits.onnx").Output;
        Assert.Equal("600", mode.Trim());
        Assert.Empty(Directory.GetDirectories(_source.PathOf("tmp"), "modelc*"));
    }

    private string Run(params string[] arguments)
    {
        Directory.CreateDirectory(_source.PathOf("tmp"));
        var environment = CompilerServer.Without(new()
        {
            ["HOME"] = "/proc/nobody",
            ["XDG_CACHE_HOME"] = "",
            ["DOTNET_CLI_HOME"] = _source.PathOf("cli"),
            ["TMPDIR"] = _source.PathOf("tmp"),
            ["TZ"] = "Asia/Kathmandu",
        });
        var (exitCode, output) = DotNet.Run(
            _project.Folder, environment, "bash", ["-c", "umask 077; exec \"$@\"", "bash", DotNet.Host, .. arguments, .. DotNet.Quiet]);
        Assert.True(exitCode == 0, output);
        return output;
    }
}
