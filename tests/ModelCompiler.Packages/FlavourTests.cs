using ModelCompiler.Tests;
using Xunit;

namespace ModelCompiler.Packages;

/// <summary>A project that references a package with another build of ONNX Runtime gets that one and not ours.</summary>
public sealed class FlavourTests(PackageFixture package) : IDisposable
{
    private const string Other = "the other library";

    private static readonly string Library = $"runtimes/{DotNet.BuildFact("Runtime")}/native/{LibraryFile}";

    private readonly UserProject _project = new(package, "");

    private static string LibraryFile => OperatingSystem.IsWindows() ? "onnxruntime.dll" : OperatingSystem.IsMacOS() ? "libonnxruntime.dylib" : "libonnxruntime.so";

    public void Dispose() => _project.Dispose();

    [Fact]
    public void The_library_of_a_flavour_package_wins()
    {
        Write("Flavour.OnnxRuntime");
        _project.Files.Write("Program.cs", "return;");

        _project.WriteProject("");
        _project.Build("build");
        Assert.NotEqual(Other.Length, new FileInfo(_project.Files.PathOf("bin/Debug/net10.0/" + Library)).Length);

        _project.WriteProject("""<PackageReference Include="Flavour.OnnxRuntime" Version="1.0.0" />""");
        _project.Build("build");
        Assert.Equal(Other, File.ReadAllText(_project.Files.PathOf("bin/Debug/net10.0/" + Library)));
        Assert.DoesNotContain("\"assetType\": \"native\"", DepsOfModelCompiler(), StringComparison.Ordinal);
    }

    [Fact]
    public void Two_flavours_are_an_error_that_names_both()
    {
        Write("Flavour.OnnxRuntime");
        Write("Another.OnnxRuntime");
        _project.Files.Write("Program.cs", "return;");
        _project.WriteProject("""
            <PackageReference Include="Flavour.OnnxRuntime" Version="1.0.0" />
            <PackageReference Include="Another.OnnxRuntime" Version="1.0.0" />
            """);

        var (exitCode, output) = _project.TryBuild("build");

        Assert.NotEqual(0, exitCode);
        Assert.Contains("error OM5060", output, StringComparison.Ordinal);
        Assert.Contains("Flavour.OnnxRuntime 1.0.0", output, StringComparison.Ordinal);
        Assert.Contains("Another.OnnxRuntime 1.0.0", output, StringComparison.Ordinal);
    }

    private void Write(string id) => FlavourPackage.Write(package.Feed, id, "1.0.0", (Library, FlavourPackage.Text(Other)));

    private string DepsOfModelCompiler()
    {
        string deps = File.ReadAllText(_project.Files.PathOf("bin/Debug/net10.0/App.deps.json"));
        int start = deps.IndexOf($"\"ModelCompiler/{package.Version}\": {{", StringComparison.Ordinal);
        return deps[start..deps.IndexOf("\n      }", start, StringComparison.Ordinal)];
    }
}
