using System.IO.Compression;
using ModelCompiler.Tests;
using Xunit;

namespace ModelCompiler.Packages;

/// <summary>Models of a library reach the programs that use it: by project reference, by a package of its own, and when they are published.</summary>
public sealed class ConsumerTests(PackageFixture package) : IDisposable
{
    private const string Program = "Console.WriteLine(Vision.Reader.Classes);";

    private readonly Workspace _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Through_a_project_with_central_versions_in_a_deterministic_build()
    {
        WriteLibrary();
        WriteProgram("app", """<ProjectReference Include="../lib/Vision.csproj" />""");

        DotNet.Build(_folder.Folder, "publish", "app", "-o", "out", "-p:ContinuousIntegrationBuild=true");

        Assert.Equal("10", RunProgram("out/Program.dll"));
        Assert.Equal("10", RunProgram("app/bin/Release/net10.0/Program.dll"));
    }

    [Fact]
    public void Through_a_package_of_the_library()
    {
        WriteLibrary();
        string own = _folder.PathOf("own feed");
        DotNet.Build(_folder.Folder, "pack", "lib", "-o", own);
        using (ZipArchive archive = ZipFile.OpenRead(Path.Combine(own, "Vision.1.0.0.nupkg")))
        {
            Assert.Contains(archive.Entries, entry => entry.FullName.EndsWith("models/digits.onnx", StringComparison.Ordinal));
        }

        _folder.Write("nuget.config", package.NuGetConfig.Replace("<clear />", $"<clear /><add key=\"own\" value=\"{own}\" />", StringComparison.Ordinal));
        Directory.Move(_folder.PathOf("lib"), _folder.PathOf("not here any more"));
        WriteProgram("app", """<PackageReference Include="Vision" />""");
        DotNet.Build(_folder.Folder, "publish", "app", "-o", "out");
        Assert.Equal("10", RunProgram("out/Program.dll"));
    }

    /// <summary>What a deployment needs beyond the SDK (runtime pack, linker) is downloaded: only when everything is tried.</summary>
    [Fact]
    public void Published_self_contained_trimmed_in_one_file()
    {
        Assert.SkipUnless(Tier.IsFull, "Needs the runtime pack of this platform, which a first run downloads.");
        // The sources of the machine stay beside the folder of packages.
        string config = package.NuGetConfig.Replace("<clear />", "", StringComparison.Ordinal);
        WriteLibrary();
        _folder.Write("nuget.config", config);
        WriteProgram("app", """<ProjectReference Include="../lib/Vision.csproj" />""");
        string[] kinds = ["-p:PublishSingleFile=true", "-p:PublishTrimmed=true"];
        foreach (string[] options in new string[][] { [], [kinds[0]], kinds })
        {
            string output = "out" + options.Length;
            DotNet.Build(_folder.Folder, ["publish", "app", "-r", DotNet.BuildFact("Runtime"), "--self-contained", "-o", output, .. options]);
            var (exitCode, printed) = DotNet.Run(_folder.Folder, new Dictionary<string, string>(), _folder.PathOf($"{output}/Program"));
            Assert.True(exitCode == 0, printed);
            Assert.Equal("10", printed.Trim());
        }
    }

    private string RunProgram(string program)
    {
        var (exitCode, output) = DotNet.Run(Path.GetTempPath(), _folder.PathOf(program));
        Assert.True(exitCode == 0, output);
        return output.Trim();
    }

    private void WriteLibrary()
    {
        _folder.Write("nuget.config", package.NuGetConfig);
        _folder.Write("Directory.Packages.props", $"""
            <Project>
              <PropertyGroup>
                <ManagePackageVersionsCentrally>true</ManagePackageVersionsCentrally>
                <ModelCompilerCache>{package.Cache}</ModelCompilerCache>
              </PropertyGroup>
              <ItemGroup>
                <PackageVersion Include="ModelCompiler" Version="{package.Version}" />
                <PackageVersion Include="Vision" Version="1.0.0" />
              </ItemGroup>
            </Project>
            """);
        _folder.Write("lib/Vision.csproj", """
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <TargetFramework>net10.0</TargetFramework>
              </PropertyGroup>
              <ItemGroup>
                <PackageReference Include="ModelCompiler" />
                <OptimizedModel Include="digits.onnx" Accessibility="Internal" />
              </ItemGroup>
            </Project>
            """);
        _folder.Write("lib/Reader.cs", """
            namespace Vision;

            public static class Reader
            {
                public static int Classes
                {
                    get
                    {
                        using var digits = new DigitsPredictor();
                        return digits.Predict(new float[784]).Logits.Length;
                    }
                }
            }
            """);
        File.Copy(Path.Combine(DotNet.BuildFact("Sample"), "models/digits.onnx"), _folder.PathOf("lib/digits.onnx"));
    }

    private void WriteProgram(string folder, string reference)
    {
        _folder.Write(folder + "/Program.cs", Program);
        _folder.Write(folder + "/Program.csproj", $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <ImplicitUsings>enable</ImplicitUsings>
              </PropertyGroup>
              <ItemGroup>
                {reference}
              </ItemGroup>
            </Project>
            """);
    }
}
