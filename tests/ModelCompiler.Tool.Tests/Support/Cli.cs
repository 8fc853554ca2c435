using System.Text.Json;
using Xunit;

namespace ModelCompiler.Tool.Tests.Support;

/// <summary>What a command line gave.</summary>
internal sealed record CliResult(int ExitCode, string Output, string Error)
{
    /// <summary>Standard output as the one JSON document that it must be.</summary>
    public JsonElement Json => JsonDocument.Parse(Output).RootElement;

    /// <summary>Asserts that the command was refused with this diagnostic, in one line and without a stack trace.</summary>
    public CliResult Refuses(string code, string word, int exitCode = 1)
    {
        Assert.True(ExitCode == exitCode, $"exit code {ExitCode}\n{Error}{Output}");
        string line = Assert.Single(Error.Split('\n'), line => line.Contains(": error ", StringComparison.Ordinal));
        Assert.StartsWith($"modelc: error {code}: ", line, StringComparison.Ordinal);
        Assert.Contains(word, line, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", Error + Output, StringComparison.Ordinal);
        return this;
    }

    /// <summary>Asserts that the command did what it should.</summary>
    public CliResult Succeeds()
    {
        Assert.True(ExitCode == 0, $"exit code {ExitCode}\n{Error}{Output}");
        return this;
    }
}

/// <summary>Runs <c>modelc</c> within the test.</summary>
internal static class Cli
{
    public static CliResult Run(params string[] args)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        int exitCode = Program.Run(args, output, error, TestContext.Current.CancellationToken).GetAwaiter().GetResult();
        return new CliResult(exitCode, output.ToString(), error.ToString());
    }
}
