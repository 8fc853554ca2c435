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

        // Where it is set it outranks the configuration of the projects, and the package would be restored into the user's folder.
        Environment.SetEnvironmentVariable("NUGET_PACKAGES", null);
    }

    public string Version { get; }

    /// <summary>The folder with the package.</summary>
    public string Feed => _workspace.PathOf("feed");

    /// <summary>The file of a package.</summary>
    public string PathOfPackage(string id) => Path.Combine(Feed, $"{id}.{Version}.nupkg");

    /// <summary>The cache of compiled models that the projects share: never the user's.</summary>
    public string Cache => _workspace.PathOf("cache");

    /// <summary>The package as it was restored.</summary>
    public string RestoredPackage => Path.Combine(Restored, "modelcompiler", Version);

    /// <summary>What a project needs to find the package, and nothing else, in the folder of a workspace.</summary>
    public string NuGetConfig => $"""
        <configuration>
          <packageSources>
            <clear />
            <add key="local" value="{Feed}" />
          </packageSources>
          <config>
            <add key="globalPackagesFolder" value="{Restored}" />
          </config>
        </configuration>
        """;

    /// <summary>The folder that packages are restored into: never the user's.</summary>
    public string Restored => _workspace.PathOf("packages");

    /// <summary>Packs for this machine's platform only: the other libraries are large and take no part. The full run makes a program of the tool too, as is shipped.</summary>
    public void Pack(string folder)
    {
        DotNet.Build(
            _workspace.Folder, "msbuild", DotNet.BuildFact("PackageProjects"), "-t:Pack", "-p:NoBuild=true", $"-p:Configuration={DotNet.BuildFact("Configuration")}", $"-p:NativeTool={Tier.IsFull}",
            $"-p:PackageOutputPath={_workspace.PathOf(folder)}", $"-p:PackageVersion={Version}", $"-p:PackageRuntimes={DotNet.BuildFact("Runtime")}");
    }

    public string PathOf(string relative) => _workspace.PathOf(relative);

    public void Dispose() => _workspace.Dispose();
}
