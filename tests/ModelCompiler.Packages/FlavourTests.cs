using System.IO.Compression;
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
        WriteFlavour();
        _project.Files.Write("Program.cs", "return;");

        _project.WriteProject("");
        _project.Build("build");
        Assert.NotEqual(Other.Length, new FileInfo(_project.Files.PathOf("bin/Debug/net10.0/" + Library)).Length);

        _project.WriteProject("""<PackageReference Include="Flavour.OnnxRuntime" Version="1.0.0" />""");
        _project.Build("build");
        Assert.Equal(Other, File.ReadAllText(_project.Files.PathOf("bin/Debug/net10.0/" + Library)));
        Assert.DoesNotContain("\"assetType\": \"native\"", DepsOfModelCompiler(), StringComparison.Ordinal);
    }

    private string DepsOfModelCompiler()
    {
        string deps = File.ReadAllText(_project.Files.PathOf("bin/Debug/net10.0/App.deps.json"));
        int start = deps.IndexOf($"\"ModelCompiler/{package.Version}\": {{", StringComparison.Ordinal);
        return deps[start..deps.IndexOf("\n      }", start, StringComparison.Ordinal)];
    }

    /// <summary>A package is a zip with a nuspec; this one has a library for this platform only.</summary>
    private void WriteFlavour()
    {
        using var archive = ZipFile.Open(Path.Combine(package.Feed, "Flavour.OnnxRuntime.1.0.0.nupkg"), ZipArchiveMode.Create);
        Add(archive, Library, Other);
        Add(archive, "Flavour.OnnxRuntime.nuspec", """
            <package xmlns="http://schemas.microsoft.com/packaging/2013/05/nuspec.xsd">
              <metadata>
                <id>Flavour.OnnxRuntime</id>
                <version>1.0.0</version>
                <authors>tests</authors>
                <description>Another build of the library.</description>
              </metadata>
            </package>
            """);
    }

    private static void Add(ZipArchive archive, string name, string content)
    {
        using var writer = new StreamWriter(archive.CreateEntry(name).Open());
        writer.Write(content);
    }
}
