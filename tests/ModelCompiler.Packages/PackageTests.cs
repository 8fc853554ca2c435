using System.IO.Compression;
using System.Security.Cryptography;
using Xunit;

namespace ModelCompiler.Packages;

/// <summary>The package as a file.</summary>
public sealed class PackageTests(PackageFixture package)
{
    [Theory]
    [InlineData("lib/net10.0/ModelCompiler.Runtime.dll")]
    [InlineData("lib/net10.0/ModelCompiler.Runtime.xml")]
    [InlineData("analyzers/dotnet/cs/ModelCompiler.Generator.dll")]
    [InlineData("tasks/netstandard2.0/ModelCompiler.Build.dll")]
    [InlineData("tools/net10.0/modelc.dll")]
    [InlineData("tools/net10.0/modelc.runtimeconfig.json")]
    [InlineData("build/ModelCompiler.props")]
    [InlineData("build/ModelCompiler.targets")]
    [InlineData("buildTransitive/ModelCompiler.props")]
    [InlineData("buildTransitive/ModelCompiler.targets")]
    public void Holds_what_its_targets_name(string file) => Assert.Contains(file, Entries());

    [Fact]
    public void Carries_the_native_library_once()
    {
        Assert.Single(Entries(), entry => entry.Contains("onnxruntime", StringComparison.OrdinalIgnoreCase));
        Assert.DoesNotContain(Entries(), entry => entry.EndsWith(".pdb", StringComparison.Ordinal));
    }

    [Fact]
    public void Generator_and_task_bring_no_dependency()
    {
        Assert.Single(Entries(), entry => entry.StartsWith("analyzers/", StringComparison.Ordinal));
        Assert.Single(Entries(), entry => entry.StartsWith("tasks/", StringComparison.Ordinal));
    }

    [Fact]
    public void Is_the_same_to_the_byte_when_packed_again()
    {
        package.Pack("again");

        Assert.Equal(Hash(package.Package), Hash(Path.Combine(package.PathOf("again"), Path.GetFileName(package.Package))));
    }

    private List<string> Entries()
    {
        using var archive = ZipFile.OpenRead(package.Package);
        return [.. archive.Entries.Select(entry => entry.FullName)];
    }

    private static string Hash(string file) => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(file)));
}
