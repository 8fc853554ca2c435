using System.Diagnostics;
using System.Globalization;
using ModelCompiler.Tests;
using Xunit;

namespace ModelCompiler.Packages;

/// <summary>Ctrl-C in a build that compiles: the build ends, the tool ends with it, and the next build has nothing to regret.</summary>
public sealed class CancelledBuildTests(PackageFixture package) : IDisposable
{
    private const int Seed = 20261123;

    private static readonly int Cancellations = Tier.Of(1, 20);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly UserProject _project = new(
        package, """<OptimizedModel Include="models/digits.onnx" Precision="Int8" Calibration="data/calibration.npz" />""", "<ModelCompilerCache>false</ModelCompilerCache>");

    public void Dispose() => _project.Dispose();

    [Fact]
    public async Task Neither_the_build_nor_the_tool_lives_on()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Looks for the tool in /proc, and sends the signal that a terminal sends.");
        _project.Build("restore");
        var random = new Random(Seed);
        for (int i = 0; i < Cancellations; i++)
        {
            // A tool that is done before the signal leaves nothing to do for the next build.
            string outputs = _project.PathOf("obj/Debug/net10.0/models");
            if (Directory.Exists(outputs)) Directory.Delete(outputs, recursive: true);
            // A shell that starts tests in the background has told them to ignore the signal.
            using Process build = DotNet.Start(
                _project.Folder, CompilerServer.Environment, "env", ["--default-signal=INT", DotNet.Host, "msbuild", "-t:CollectModels", "-p:BuildingProject=true", .. DotNet.Quiet]);
            var output = build.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            _ = build.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            Assert.True(SpinWait.SpinUntil(() => Tools().Any(), Patience), "the tool was not started");
            Thread.Sleep(random.Next(1000));
            using (Process interrupt = Process.Start("kill", ["-INT", build.Id.ToString(CultureInfo.InvariantCulture)])) interrupt.WaitForExit();

            Assert.True(build.WaitForExit(Patience), $"seed {Seed}, cancellation {i}: the build goes on");
            Assert.True(SpinWait.SpinUntil(() => !Tools().Any(), TimeSpan.FromSeconds(5)), $"seed {Seed}, cancellation {i}: the tool goes on");
            Assert.DoesNotContain("error OM", await output, StringComparison.Ordinal);
        }

        _project.Write("Program.cs", "using var digits = new App.DigitsPredictor(); System.Console.WriteLine(digits.Predict(new float[784]).Logits.Length);");
        _project.Build("build", "--no-restore");
        Assert.Equal("10", _project.Run("bin/Debug/net10.0/App.dll"));
        Tier.Count($"{Cancellations} cancelled builds, no tool left running");
    }

    /// <summary>Processes whose command line names the request of this project.</summary>
    private IEnumerable<string> Tools() => Directory.EnumerateDirectories("/proc").Where(process => CommandLine(process).Contains(_project.PathOf("obj"), StringComparison.Ordinal)
        && CommandLine(process).Contains("/modelc", StringComparison.Ordinal));

    private static string CommandLine(string process)
    {
        try
        {
            return Path.GetFileName(process).All(char.IsAsciiDigit) ? File.ReadAllText(Path.Combine(process, "cmdline")) : "";
        }
        catch (IOException)
        {
            // It has ended meanwhile.
            return "";
        }
    }
}
