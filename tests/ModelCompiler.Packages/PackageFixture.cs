using ModelCompiler.Tests;
using Xunit;

[assembly: AssemblyFixture(typeof(ModelCompiler.Packages.PackageFixture))]

namespace ModelCompiler.Packages;

/// <summary>
/// Packs what the build of the tests has made, once, under a version that no cache can know: a test that silently took
/// another package would prove nothing.
/// </summary>
public sealed class PackageFixture : IDisposable
{
    private readonly Workspace _workspace = new();

    public PackageFixture()
    {
        Version = $"0.0.1-test.{DateTime.UtcNow:yyyyMMddHHmmss}";
        Pack("feed");
    }

    public string Version { get; }

    /// <summary>The folder with the package.</summary>
    public string Feed => _workspace.PathOf("feed");

    /// <summary>The file.</summary>
    public string Package => Path.Combine(Feed, $"ModelCompiler.{Version}.nupkg");

    /// <summary>The folder that packages are restored into: never the user's.</summary>
    public string Restored => _workspace.PathOf("packages");

    /// <summary>Packs for this machine's platform only: the other libraries are large and take no part.</summary>
    public void Pack(string folder) => DotNet.Build(
        _workspace.Folder, "pack", DotNet.BuildFact("PackageProject"), "--no-build", "-c", DotNet.BuildFact("Configuration"),
        "-o", _workspace.PathOf(folder), $"-p:PackageVersion={Version}", $"-p:PackageRuntimes={DotNet.BuildFact("Runtime")}");

    public string PathOf(string relative) => _workspace.PathOf(relative);

    public void Dispose() => _workspace.Dispose();
}
