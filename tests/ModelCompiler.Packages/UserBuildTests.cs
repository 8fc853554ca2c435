using ModelCompiler.Tests;
using Xunit;

namespace ModelCompiler.Packages;

/// <summary>A user's project from the first build on. One story: each build costs seconds, and builds on the last.</summary>
public sealed class UserBuildTests(PackageFixture package) : IDisposable
{
    private const string Float = """<OptimizedModel Include="models/digits.onnx" Name="plain" />""";
    private const string Int8 = """<OptimizedModel Include="models/digits.onnx" Precision="Int8" Calibration="data/calibration.npz" />""";
    private const string Program = """
        using System.Runtime.InteropServices;
        using App;

        var pixels = MemoryMarshal.Cast<byte, float>(File.ReadAllBytes(args[0]));
        using var digits = new DigitsPredictor();
        using var plain = new PlainPredictor();
        Console.WriteLine($"{digits.Predict(pixels).Logits.ArgMax()} {plain.Predict(pixels).Logits.ArgMax()}");
        """;

    private const string NoDotNet = "<ModelCompilerDotNetHost>/nowhere/dotnet</ModelCompilerDotNetHost>";

    private readonly UserProject _project = new(package, Int8 + Float);

    public void Dispose() => _project.Dispose();

    [Fact]
    public void A_project_builds_runs_and_rebuilds_exactly_what_changed()
    {
        _project.Files.Write("Program.cs", Program);
        string label = _project.WriteDigit(3, "digit.bin");

        // Not out of the cache, which other tests of this run fill too: the log is to have the passes.
        _project.Build("build", "-bl:build.binlog", "-p:ModelCompilerCache=false");
        AssertTellsTheTimeOfStepsAndPasses("build.binlog");
        Assert.True(Directory.Exists(Path.Combine(package.Restored, "modelcompiler", package.Version)), "another package was restored");
        Assert.Equal($"{label} {label}", _project.Run("bin/Debug/net10.0/App.dll", "digit.bin"));
        var first = Stamps();

        // With no dotnet to start a tool by, a build that needs none succeeds, and one that needs it says so.
        _project.WriteProject(Int8 + Float, NoDotNet);
        _project.Build("build", "--no-restore");
        Assert.Equal(first, Stamps());

        _project.Files.Touch("data/calibration.npz");
        var (exitCode, output) = _project.TryBuild("build", "--no-restore");
        Assert.Equal(1, exitCode);
        Assert.Contains("error OM6101: ", output, StringComparison.Ordinal);

        _project.WriteProject(Int8 + Float);
        _project.Build("build", "--no-restore");
        var second = Stamps();
        Assert.NotEqual(first.Int8, second.Int8);
        Assert.Equal(first.Float, second.Float);

        (exitCode, output) = _project.TryBuild("build", "--no-restore", "-p:LangVersion=11");
        Assert.Equal(1, exitCode);
        Assert.Contains("error OM1104: The predictors need C# 12.0 or newer, and this project is compiled as C# 11.0.", output, StringComparison.Ordinal);

        File.Delete(_project.Files.PathOf("obj/Debug/net10.0/models/plain/plain.onnx"));
        File.Delete(_project.Files.PathOf("bin/Debug/net10.0/models/digits.onnx"));
        _project.Build("build", "--no-restore", "-p:LangVersion=12");
        Assert.Equal(second.Int8, Stamps().Int8);
        Assert.Equal($"{label} {label}", _project.Run("bin/Debug/net10.0/App.dll", "digit.bin"));

        _project.Build("publish", "--no-restore", "-c", "Debug", "-o", "out");
        Assert.Equal($"{label} {label}", _project.Run("out/App.dll", "digit.bin"));

        _project.Build("clean");
        Assert.False(_project.Files.Has("obj/Debug/net10.0/models"));
        Assert.Empty(Directory.GetFiles(_project.Files.PathOf("bin"), "*.onnx", SearchOption.AllDirectories));
    }

    [Fact]
    public void An_error_in_an_item_is_reported_at_its_line()
    {
        _project.WriteProject("""<OptimizedModel Include="models/digits.onnx" Precision="Int9" />""");

        var (exitCode, output) = _project.TryBuild("build");

        Assert.Equal(1, exitCode);
        Assert.Matches(@"App\.csproj\(14,5\): error OM2\d{3}: .*Int8", output);
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
    }

    private void AssertTellsTheTimeOfStepsAndPasses(string binlog)
    {
        string replayed = DotNet.Run(_project.Folder, "msbuild", binlog, "-v:n", "-tl:off", "-nologo").Output;
        Assert.Matches(@"digits: calibrating on \d+ samples \(\d+\.\d s\)", replayed);
        Assert.Matches(@"digits: dead-code: \d+ changes in \d+\.\d ms", replayed);
    }

    private (DateTime Int8, DateTime Float) Stamps() => (Stamp("digits"), Stamp("plain"));

    private DateTime Stamp(string name) => File.GetLastWriteTimeUtc(_project.Files.PathOf($"obj/Debug/net10.0/models/{name}/{name}.stamp"));
}
