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
    public void Through_a_filtered_solution_with_all_outputs_in_one_folder()
    {
        WriteLibrary();
        WriteProgram("app", """<ProjectReference Include="../lib/Vision.csproj" />""");
        _folder.Write("Directory.Build.props", "<Project><PropertyGroup><UseArtifactsOutput>true</UseArtifactsOutput></PropertyGroup></Project>");
        _folder.Write("All.slnx", """<Solution><Project Path="app/Program.csproj" /><Project Path="lib/Vision.csproj" /></Solution>""");
        _folder.Write("App.slnf", """{ "solution": { "path": "All.slnx", "projects": [ "app\\Program.csproj" ] } }""");

        DotNet.Build(_folder.Folder, "build", "App.slnf", "-graph");
        Assert.Equal("10", RunProgram("artifacts/bin/Program/debug/Program.dll"));

        Directory.Delete(_folder.PathOf("artifacts/bin/Program"), recursive: true);
        DotNet.Build(_folder.Folder, "build", "app", "--no-restore", "--no-dependencies");
        Assert.Equal("10", RunProgram("artifacts/bin/Program/debug/Program.dll"));
        Assert.False(_folder.Has("lib/obj"));
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

    [Fact]
    public void Through_a_test_project_that_has_a_model_of_its_own()
    {
        WriteLibrary();
        _folder.Write("nuget.config", WithPackagesOfTheMachine());
        WriteProgram("app", """<ProjectReference Include="../lib/Vision.csproj" />""");
        File.Copy(_folder.PathOf("lib/digits.onnx"), _folder.PathOf("app/own.onnx"));
        WriteProgram("app.tests", $"""
            <ProjectReference Include="../app/Program.csproj" />
            <PackageReference Include="ModelCompiler" />
            <PackageReference Include="xunit.v3" VersionOverride="{DotNet.BuildFact("XunitVersion")}" />
            <OptimizedModel Include="../app/own.onnx" />
            """);
        File.Move(_folder.PathOf("app.tests/Program.csproj"), _folder.PathOf("app.tests/Tests.csproj"));
        _folder.Write("app.tests/Program.cs", """
            public class ReaderTests
            {
                [Xunit.Fact]
                public void Reads() => Xunit.Assert.Equal(10, Vision.Reader.Classes);

                [Xunit.Fact]
                public void Has_a_model_of_its_own() => Xunit.Assert.Equal(10, new App.OwnPredictor().Predict(new float[784]).Logits.Length);
            }
            """);

        DotNet.Build(_folder.Folder, "build", "app.tests");

        Assert.Contains("Failed: 0, Skipped: 0", RunProgram("app.tests/bin/Debug/net10.0/Tests.dll"), StringComparison.Ordinal);
    }

    /// <summary>What a deployment needs beyond the SDK (runtime pack, linker, compiler) is in the machine's folder of packages, or on its sources.</summary>
    public static TheoryData<string, string> Deployments => new()
    {
        { "self-contained", "" },
        { "self-contained in one file", "-p:PublishSingleFile=true" },
        { "self-contained and trimmed in one file", "-p:PublishSingleFile=true -p:PublishTrimmed=true" },
        { "ahead of time", "-p:PublishAot=true" },
    };

    [Theory]
    [MemberData(nameof(Deployments))]
    public void Published(string kind, string options)
    {
        Assert.SkipUnless(Tier.IsFull, "Needs the runtime pack and the native compiler of this platform, which a first run downloads: build/packages-full.sh.");
        WriteLibrary();
        // .NET's own command to its linker does not quote the folder of packages.
        string plain = Directory.CreateTempSubdirectory("modelcompiler-").FullName;
        _folder.Write("nuget.config", WithPackagesOfTheMachine().Replace("<clear />", "", StringComparison.Ordinal).Replace(package.Restored, plain, StringComparison.Ordinal));
        WriteProgram("app", """<ProjectReference Include="../lib/Vision.csproj" />""");

        var (published, log) = DotNet.TryBuild(
            _folder.Folder, ["publish", "app", "-r", DotNet.BuildFact("Runtime"), "--self-contained", "-o", "out", .. options.Split(' ', StringSplitOptions.RemoveEmptyEntries)]);

        Assert.SkipWhen(log.Contains("error NU1101: ", StringComparison.Ordinal), $"Published {kind}: {Errors(log)}");
        Assert.True(published == 0, log);
        var (exitCode, printed) = DotNet.Run(_folder.Folder, new Dictionary<string, string>(), _folder.PathOf("out/Program"));
        Assert.True(exitCode == 0, printed);
        Assert.Equal("10", printed.Trim());
        Directory.Delete(plain, recursive: true);
        Tier.Count($"published {kind}, and run");
    }

    /// <summary>MSBuild's multithreaded mode runs projects in threads of one process: tasks that do not say that they may are moved to another.</summary>
    [Fact]
    public void In_threads_of_one_process()
    {
        WriteLibrary();
        string[] apps = ["one", "two"];
        foreach (string app in apps) WriteProgram(app, """<ProjectReference Include="../lib/Vision.csproj" /><PackageReference Include="ModelCompiler" /><OptimizedModel Include="../lib/digits.onnx" Name="own" />""");
        _folder.Write("All.proj", """<Project><Target Name="Build"><MSBuild Projects="one/Program.csproj;two/Program.csproj" BuildInParallel="true" Targets="Restore" /><MSBuild Projects="one/Program.csproj;two/Program.csproj" BuildInParallel="true" Properties="Restored=true" /></Target></Project>""");

        var (exitCode, output) = DotNet.Run(
            _folder.Folder, CompilerServer.Environment, DotNet.Host, "msbuild", "All.proj", "-mt", "-m:4", "-nologo", "-v:diag", "-tl:off", "-nodeReuse:false");

        Assert.True(exitCode == 0, Errors(output));
        Assert.Equal(["10", "10"], apps.Select(app => RunProgram(app + "/bin/Debug/net10.0/Program.dll")));
        Assert.Contains("Launching task \"Csc\"", output, StringComparison.Ordinal);
        Assert.DoesNotContain("Launching task \"CompileModels\"", output, StringComparison.Ordinal);
    }

    private static string Errors(string log) => string.Join('\n', log.Split('\n').Where(line => line.Contains(": error ", StringComparison.Ordinal)).Distinct());

    private string WithPackagesOfTheMachine() =>
        package.NuGetConfig.Replace("<clear />", $"<clear /><add key=\"machine\" value=\"{DotNet.BuildFact("PackageRoot")}\" />", StringComparison.Ordinal);

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
                <RootNamespace>App</RootNamespace>
                <ImplicitUsings>enable</ImplicitUsings>
              </PropertyGroup>
              <ItemGroup>
                {reference}
              </ItemGroup>
            </Project>
            """);
    }
}
