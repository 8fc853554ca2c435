using ModelCompiler.Tests;
using Xunit;

namespace ModelCompiler.Packages;

/// <summary>A new user's first minutes, in an empty folder with only the packages.</summary>
public sealed class NewUserTests(PackageFixture package) : IDisposable
{
    private readonly Workspace _folder = new();

    private Dictionary<string, string> Environment => CompilerServer.With(new() { ["DOTNET_CLI_HOME"] = _folder.PathOf("home"), ["ModelCompilerCache"] = package.Cache });

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void From_the_template_to_a_program_with_a_model()
    {
        _folder.Write("nuget.config", package.NuGetConfig);
        Run("new", "install", package.PathOfPackage("ModelCompiler.Templates"));
        Run("new", "modelcompiler-console", "-o", "Vision");

        var (exitCode, output) = DotNet.TryBuild(_folder.PathOf("Vision"), Environment, "build");
        Assert.Equal(1, exitCode);
        Assert.True(output.Contains("There is no model yet.", StringComparison.Ordinal), output);

        File.Copy(Path.Combine(DotNet.BuildFact("Sample"), "models/digits.onnx"), _folder.PathOf("Vision/models/digits.onnx"));
        string printed = Run("run", "--project", "Vision");
        Assert.Contains("models/digits.onnx", printed, StringComparison.Ordinal);
        Assert.Contains("1, 28, 28", printed, StringComparison.Ordinal);
    }

    [Fact]
    public void The_tool_installs_and_inspects_a_model()
    {
        _folder.Write("nuget.config", package.NuGetConfig);
        Run("tool", "install", "ModelCompiler.Tool", "--tool-path", _folder.PathOf("tools"), "--version", package.Version);
        var (exitCode, output) = DotNet.Run(
            _folder.Folder, new Dictionary<string, string> { ["DOTNET_ROOT"] = Path.GetDirectoryName(DotNet.Host)! }, _folder.PathOf("tools/modelc"),
            "bench", Path.Combine(DotNet.BuildFact("Sample"), "models/digits.onnx"), "--runs", "3");
        Assert.True(exitCode == 0, output);
        Assert.Contains("median", output, StringComparison.Ordinal);
    }

    private string Run(params string[] arguments)
    {
        var (exitCode, output) = DotNet.Run(_folder.Folder, Environment, DotNet.Host, arguments);
        Assert.True(exitCode == 0, $"dotnet {string.Join(' ', arguments)}\n{output}");
        return output;
    }
}
