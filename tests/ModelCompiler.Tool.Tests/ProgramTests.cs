using System.Diagnostics;
using System.Text.Json;
using ModelCompiler.Tests;
using ModelCompiler.Tool.Tests.Support;
using Xunit;

namespace ModelCompiler.Tool.Tests;

public sealed class ProgramTests : IDisposable
{
    private readonly Workspace _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData]
    [InlineData("frobnicate")]
    [InlineData("inspect")]
    [InlineData("inspect", "a", "b")]
    [InlineData("compile", "m.onnx")]
    public void Refuses_a_command_line_that_it_does_not_understand(params string[] args)
    {
        CliResult result = Cli.Run(args);
        Assert.Equal(2, result.ExitCode);
        Assert.Empty(result.Output);
        Assert.Contains("modelc --help", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Says_which_option_was_meant() =>
        Assert.Contains("Did you mean '--precision'?", Cli.Run("compile", "m.onnx", "-o", "x", "--precison", "Int8").Error, StringComparison.Ordinal);

    [Fact]
    public void Help_offers_what_is_there_and_not_what_is_planned()
    {
        CliResult help = Cli.Run("compile", "--help");
        Assert.Equal(0, help.ExitCode);
        Assert.Contains("--precision <value>", help.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("--prune", help.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Prints_errors_as_the_one_document_too()
    {
        CliResult result = Cli.Run("compile", "m.onnx", "-o", _folder.PathOf("out"), "--precision", "x", "--teacher", "y", "--json");
        Assert.Equal(1, result.ExitCode);
        JsonElement[] problems = [.. result.Json.GetProperty("diagnostics").EnumerateArray()];
        Assert.Equal(["OM2002", "OM2105"], problems.Select(problem => problem.GetProperty("code").GetString()));
        Assert.All(problems, problem => Assert.Equal("error", problem.GetProperty("severity").GetString()));
    }

    /// <summary>ONNX Runtime would write an identifier of the device and a queue of events, and resolve the name of a host.</summary>
    [Fact]
    public void Leaves_nothing_of_ONNX_Runtimes_telemetry_in_the_home_of_the_user()
    {
        string home = Directory.CreateDirectory(_folder.PathOf("home")).FullName;
        ProcessStartInfo start = StartInfo("compile", _folder.WriteClassifier(), "-o", _folder.PathOf("out"));
        foreach (string variable in (string[])["HOME", "USERPROFILE", "XDG_CACHE_HOME"]) start.Environment[variable] = home;
        start.Environment.Remove("ORT_DISABLE_TELEMETRY");
        using Process process = Process.Start(start)!;
        _ = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        _ = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        Assert.DoesNotContain(Directory.EnumerateFiles(home, "*", SearchOption.AllDirectories), file => file.Contains("onnxruntime", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Puts_the_details_of_a_bug_into_a_file()
    {
        using var error = new StringWriter();
        using var broken = new BrokenWriter();
        int exitCode = await Program.Run(["inspect", _folder.WriteClassifier()], broken, error, TestContext.Current.CancellationToken);
        Assert.Equal(70, exitCode);
        string line = error.ToString().TrimEnd();
        Assert.StartsWith("modelc: error OM9001: Internal error in 'modelc inspect ", line, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', line);
        string file = line[(line.IndexOf("with the file '", StringComparison.Ordinal) + "with the file '".Length)..].TrimEnd('.', '\'');
        Assert.Contains(nameof(BrokenWriter), await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken), StringComparison.Ordinal);
        File.Delete(file);
    }

    [Fact]
    public async Task Stops_when_it_is_cancelled()
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        using var source = new CancellationTokenSource();
        Task<int> run = Program.Run(["bench", _folder.WriteClassifier(), "--seconds", "600"], output, new CancellingWriter(error, source, "timing"), source.Token);
        Assert.Equal(130, await run);
        Assert.Contains("modelc: cancelled", error.ToString(), StringComparison.Ordinal);
    }

    /// <summary>The program as it is shipped: its own process, its own streams.</summary>
    [Fact]
    public void Runs_as_a_process_with_nothing_but_the_document_on_standard_output()
    {
        string model = _folder.WriteClassifier("größe ü.onnx");
        (int exitCode, string output, string error) = Start("compile", model, "-o", _folder.PathOf("out"), "--json");
        Assert.True(exitCode == 0, error);
        Assert.Equal(_folder.PathOf("out/größe ü.onnx"), JsonDocument.Parse(output).RootElement.GetProperty("model").GetString());

        (exitCode, output, error) = Start("inspect", _folder.PathOf("no.onnx"));
        Assert.Equal(1, exitCode);
        Assert.Empty(output);
        Assert.Matches(@"^\d+\.\d+\.\d+\r?\n$", Start("--version").Output);
        Assert.Equal($"modelc: error OM1001: The model file '{_folder.PathOf("no.onnx")}' does not exist. There is 'größe ü.onnx' in that folder. Correct the Include of the OptimizedModel item.", error.TrimEnd());
    }

    [Fact]
    public void Ends_soon_after_Ctrl_C()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "There is no way to press Ctrl-C in another console there.");
        ProcessStartInfo start = StartInfo("bench", _folder.WriteClassifier(), "--seconds", "600");
        if (OperatingSystem.IsLinux())
        {
            // A shell that starts tests in the background has told them to ignore the signal.
            start.ArgumentList.Insert(0, start.FileName);
            start.ArgumentList.Insert(0, "--default-signal=INT");
            start.FileName = "env";
        }
        using Process process = Process.Start(start)!;
        while (process.StandardError.ReadLine() is { } line && !line.StartsWith("timing", StringComparison.Ordinal)) { }
        using (Process kill = Process.Start("kill", ["-INT", process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)])) kill.WaitForExit();
        Assert.True(process.WaitForExit(30_000));
        Assert.Equal(130, process.ExitCode);
        Assert.Contains("modelc: cancelled", process.StandardError.ReadToEnd(), StringComparison.Ordinal);
    }

    private static (int ExitCode, string Output, string Error) Start(params string[] args)
    {
        using Process process = Process.Start(StartInfo(args))!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, error.GetAwaiter().GetResult());
    }

    private static ProcessStartInfo StartInfo(params string[] args) => new(DotNet.Host, [typeof(Program).Assembly.Location, .. args])
    {
        RedirectStandardOutput = true,
        RedirectStandardError = true,
        StandardOutputEncoding = System.Text.Encoding.UTF8,
        StandardErrorEncoding = System.Text.Encoding.UTF8,
    };

    private sealed class BrokenWriter : StringWriter
    {
        public override void WriteLine(string? value) => throw new InvalidOperationException("the writer is broken");
    }

    private sealed class CancellingWriter(TextWriter inner, CancellationTokenSource source, string word) : StringWriter
    {
        public override void WriteLine(string? value)
        {
            inner.WriteLine(value);
            if (value?.StartsWith(word, StringComparison.Ordinal) == true) source.Cancel();
        }

        public override Task WriteLineAsync(string? value)
        {
            WriteLine(value);
            return Task.CompletedTask;
        }
    }
}
