using System.IO.Compression;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Security.Cryptography;
using ModelCompiler.Tests;
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
    [InlineData("build/OptimizedModel.xaml")]
    [InlineData("docs/diagnostics.md")]
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
    public void Carries_the_tool_as_a_program_where_it_was_asked_for()
    {
        string folder = $"tools/net10.0/{DotNet.BuildFact("Runtime")}/";
        Assert.Equal(Tier.Of([], new[] { ProgramFile }), Entries().Where(entry => entry.StartsWith(folder, StringComparison.Ordinal)).Select(entry => entry[folder.Length..]));
    }

    [Fact]
    public void Generator_and_task_bring_no_dependency()
    {
        Assert.Single(Entries(), entry => entry.StartsWith("analyzers/", StringComparison.Ordinal));
        Assert.Single(Entries(), entry => entry.StartsWith("tasks/", StringComparison.Ordinal));
    }

    /// <summary>Visual Studio runs the task on .NET Framework, beside an MSBuild that may be older than ours and never newer than what it finds.</summary>
    [Fact]
    public void The_task_needs_nothing_that_an_MSBuild_of_Visual_Studio_lacks()
    {
        using var archive = ZipFile.OpenRead(package.PathOfPackage("ModelCompiler"));
        using var stream = new MemoryStream();
        using (var entry = archive.GetEntry("tasks/netstandard2.0/ModelCompiler.Build.dll")!.Open()) entry.CopyTo(stream);
        stream.Position = 0;
        using var image = new PEReader(stream);
        MetadataReader metadata = image.GetMetadataReader();
        var references = metadata.AssemblyReferences.Select(handle => metadata.GetAssemblyReference(handle)).ToDictionary(reference => metadata.GetString(reference.Name), reference => reference.Version);

        Assert.Equal(["Microsoft.Build.Framework", "Microsoft.Build.Utilities.Core", "netstandard"], references.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(new Version(2, 0, 0, 0), references["netstandard"]);
        // What every MSBuild since Visual Studio 2017 says that it is.
        Assert.All(["Microsoft.Build.Framework", "Microsoft.Build.Utilities.Core"], name => Assert.Equal(new Version(15, 1, 0, 0), references[name]));
    }

    [Fact]
    public void Is_the_same_to_the_byte_when_packed_again()
    {
        package.Pack("again");

        string[] first = Directory.GetFiles(package.Feed, "ModelCompiler*");
        Assert.Equal(3, first.Length);
        Assert.All(first, file => Assert.Equal(Hash(file), Hash(Path.Combine(package.PathOf("again"), Path.GetFileName(file)))));
    }

    /// <summary>Megabytes packed, with one platform's library of 18, and in the full run the tool as a program: what grows beyond is noticed here first.</summary>
    [Theory]
    [InlineData("ModelCompiler", 20, 7)]
    [InlineData("ModelCompiler.Tool", 20, 0)]
    [InlineData("ModelCompiler.Templates", 0.05, 0)]
    public void Stays_small_and_introduces_itself(string id, double limit, double program)
    {
        Assert.InRange(new FileInfo(package.PathOfPackage(id)).Length / 1e6, 0, limit + Tier.Of(0, program));
        Assert.All(["README.md", "icon.png", "THIRD-PARTY-NOTICES.md"], file => Assert.Contains(file, Entries(id)));
    }

    private static string ProgramFile => OperatingSystem.IsWindows() ? "modelc.exe" : "modelc";

    private List<string> Entries(string id = "ModelCompiler")
    {
        using var archive = ZipFile.OpenRead(package.PathOfPackage(id));
        return [.. archive.Entries.Select(entry => entry.FullName)];
    }

    private static string Hash(string file) => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(file)));
}
