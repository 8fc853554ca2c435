using System.Security.Cryptography;
using ModelCompiler.Tests;
using Xunit;

namespace ModelCompiler.Packages;

/// <summary>Builds that may write nothing but their outputs, or not even those, and that have no network.</summary>
public sealed class SandboxTests(PackageFixture package) : IDisposable
{
    private const string Items = """<OptimizedModel Include="models/digits.onnx" Precision="Int8" Calibration="data/calibration.npz" />""";

    private readonly UserProject _project = new(package, Items, "<ModelCompilerCache>false</ModelCompilerCache>");
    private readonly Workspace _outputs = new();

    public void Dispose()
    {
        _project.Dispose();
        _outputs.Dispose();
    }

    [Fact]
    public void A_checkout_that_cannot_be_written_builds_without_a_network()
    {
        Sandbox.Require();
        _project.Write("Program.cs", "using var digits = new App.DigitsPredictor(); System.Console.WriteLine(digits.Predict(new float[784]).Logits.Length);");
        string[] elsewhere = ["--artifacts-path", _outputs.PathOf("a b")];
        _project.Build(["restore", .. elsewhere]);

        var (exitCode, output) = Sandbox.TryBuild(_project.Folder, [_project.Folder, package.Restored], ["build", "--no-restore", .. elsewhere]);

        Assert.True(exitCode == 0, output);
        Assert.Contains("latency ratio", output, StringComparison.Ordinal);
        Assert.Equal("10", _project.Run(_outputs.PathOf("a b/bin/App/debug/App.dll")));
        Assert.False(Directory.Exists(_project.PathOf("obj")));
    }

    [Fact]
    public void Outputs_that_cannot_be_written_are_an_error_that_names_them_and_stay_as_they_are()
    {
        Sandbox.Require();
        _project.WriteProject("""<OptimizedModel Include="models/digits.onnx" />""");
        _project.Write("Program.cs", "return;");
        _project.Build("build");
        string folder = _project.PathOf("obj/Debug/net10.0/models/digits");
        var before = Hashes(folder);
        _project.WriteProject(Items);

        var (exitCode, output) = Sandbox.TryBuild(_project.Folder, [folder], "build", "--no-restore");

        Assert.True(exitCode == 1, output);
        Assert.Matches("App\\.csproj\\(\\d+,\\d+\\): error OM6002: .*models/digits", output);
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
        Assert.Equal(before, Hashes(folder));
        _project.Build("build", "--no-restore");
        Assert.NotEqual(before, Hashes(folder));
    }

    private static SortedDictionary<string, string> Hashes(string folder) =>
        new(Directory.GetFiles(folder).ToDictionary(path => Path.GetFileName(path), path => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path)))), StringComparer.Ordinal);
}
