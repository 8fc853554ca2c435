using System.Security.Cryptography;
using ModelCompiler.Tests;
using Xunit;

namespace ModelCompiler.Packages;

/// <summary>The package's program and its assemblies are one tool: which of them runs changes nothing but the time.</summary>
public sealed class NativeToolTests(PackageFixture package) : IDisposable
{
    private readonly UserProject _project = new(package, """<OptimizedModel Include="models/digits.onnx" Precision="Int8" Calibration="data/calibration.npz" />""");

    public void Dispose() => _project.Dispose();

    [Fact]
    public void The_program_runs_as_it_was_restored_and_the_assemblies_make_the_same_where_it_cannot()
    {
        if (OperatingSystem.IsWindows() || !Tier.IsFull) Assert.Skip("Only the full run packs the program, and Windows has no bit for what may be executed.");
        else
        {
            string program = Path.Combine(package.RestoredPackage, "tools/net10.0", DotNet.BuildFact("Runtime"), "modelc");
            _project.Write("Program.cs", "using var digits = new App.DigitsPredictor();");
            string compiled = Build();
            Assert.DoesNotContain("is used in place of", compiled, StringComparison.Ordinal);
            Assert.Contains($"{program} build ", compiled.Replace("\"", "", StringComparison.Ordinal), StringComparison.Ordinal);
            string made = Hash();

            string copy = _project.PathOf("modelc");
            File.Copy(program, copy);
            File.SetUnixFileMode(copy, UnixFileMode.UserRead);
            string[] cannotRun = [$"-p:_ModelCompilerNativeProgram={copy}"];
            Assert.Contains("is used in place of", Build([.. cannotRun, "-p:ModelCompilerCache=false"]), StringComparison.Ordinal);
            Assert.Equal(made, Hash());
            Assert.Contains("from the cache", Build(cannotRun), StringComparison.Ordinal);
            Tier.Count("the native modelc and its assemblies: the same model, one cache");
        }
    }

    /// <summary>The log of a build of everything.</summary>
    private string Build(params string[] options)
    {
        if (_project.Files.Has("obj/Debug/net10.0/models")) Directory.Delete(_project.PathOf("obj/Debug/net10.0/models"), recursive: true);
        _project.Build(["build", "-flp:verbosity=detailed;logfile=build.log", .. options]);
        return File.ReadAllText(_project.PathOf("build.log"));
    }

    private string Hash() => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(_project.PathOf("obj/Debug/net10.0/models/digits/digits.onnx"))));
}
