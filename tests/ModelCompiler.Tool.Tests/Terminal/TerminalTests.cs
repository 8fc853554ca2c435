using System.Globalization;
using System.Text.Json;
using ModelCompiler.Onnx;
using ModelCompiler.Tests;
using ModelCompiler.Tool.Commands;
using ModelCompiler.Tool.Terminal;
using Xunit;

namespace ModelCompiler.Tool.Tests.Terminal;

public class TerminalTests
{
    [Fact]
    public void Numbers_beyond_JSON_are_read_as_what_they_were()
    {
        var document = new BenchCommand.BenchDocument([new("m", double.PositiveInfinity, double.NegativeInfinity, double.NaN), new("m", 0.1, 0, 0)], 1, 1, 1);
        JsonElement[] models = [.. JsonDocument.Parse(JsonText.Of(document)).RootElement.GetProperty("models").EnumerateArray()];
        Assert.Equal(double.PositiveInfinity, models[0].GetProperty("medianMs").GetDouble());
        Assert.Equal(double.NegativeInfinity, models[0].GetProperty("p95Ms").GetDouble());
        Assert.Equal(JsonValueKind.Null, models[0].GetProperty("ratio").ValueKind);
        Assert.Equal(0.1, models[1].GetProperty("medianMs").GetDouble());
    }

    [Fact]
    public void A_number_that_is_not_there_is_null()
    {
        var document = new TuneCommand.TuneReport("plan", "Int8", new Dictionary<string, string>(), new Dictionary<string, string>(), null);
        Assert.Equal(JsonValueKind.Null, JsonDocument.Parse(JsonText.Of(document)).RootElement.GetProperty("latencyRatio").ValueKind);
    }

    [Fact]
    public void Tables_align_their_columns()
    {
        using var writer = new StringWriter { NewLine = "\n" };
        new TextTable(rightAligned: 1).Add("name", "n").Add("a", "10").Add("long name").WriteTo(writer, " ");
        Assert.Equal(" name        n\n a          10\n long name\n", writer.ToString());
    }

    [Fact]
    public void Figures_are_the_same_in_every_culture()
    {
        CultureInfo before = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo("de-DE");
            Assert.Equal(["512 B", "97.7 KiB", "95.4 MiB"], new[] { 512L, 100_000, 100_000_000 }.Select(Figures.Bytes));
            Assert.Equal(["99.50 %", "1.500 ms", "12.5 ms", "3.2 G"], [Figures.Percent(0.995), Figures.Milliseconds(1.5), Figures.Milliseconds(12.5), Figures.Count(3_200_000_000)]);
            Assert.Equal(["equal", "broken", "40.5 dB"], new[] { double.PositiveInfinity, double.NegativeInfinity, 40.5 }.Select(Figures.Decibels));
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    /// <summary>As standard output is on a full disk.</summary>
    private sealed class FullWriter : StringWriter
    {
        public override void Write(char value) => throw new IOException("No space left on device");

        public override void Write(string? value) => throw new IOException("No space left on device");

        public override void WriteLine(string? value) => throw new IOException("No space left on device");

        public override Task WriteAsync(string? value) => throw new IOException("No space left on device");
    }

    [Theory]
    [InlineData]
    [InlineData("--json")]
    public async Task A_full_disk_under_the_output_is_no_bug_of_ours(params string[] more)
    {
        using var output = new FullWriter();
        using var error = new StringWriter();
        int code = await Program.Run(["inspect", Path.Combine(PublicModels.RepositoryRoot, "samples", "DigitClassifier", "models", "digits.onnx"), .. more], output, error, TestContext.Current.CancellationToken);
        Assert.Equal((ExitCode.Failed, "modelc: error OM6003: Reading or writing failed: No space left on device. Check permissions, and the free space of the disk."), (code, error.ToString().Trim()));
    }

    /// <summary>A name out of a model must not make a line of its own, which a build would read as a diagnostic.</summary>
    [Fact]
    public void Problems_are_one_line()
    {
        Problem problem = Problem.Of(new CompilerException("OM1004", "bad name 'x\r\nApp.csproj: error OM0001: forged\u2028and\u0085more'"), "a test");
        string line = problem.ToString("modelc");
        Assert.DoesNotContain(line, char.IsControl);
        Assert.DoesNotContain('\u2028', line);
        Assert.StartsWith("modelc: error OM1004: bad name 'x  App.csproj", line, StringComparison.Ordinal);
    }

    [Fact]
    public void Problems_name_the_file_where_the_message_does_not()
    {
        Assert.Equal("m.onnx: It is empty.", Problem.Of(new CompilerException("OM1011", "It is empty.", "m.onnx"), "a test").Message);
        Assert.Equal("'m.onnx' is empty.", Problem.Of(new CompilerException("OM1011", "'m.onnx' is empty.", "m.onnx"), "a test").Message);
    }

    /// <summary>A container with little memory is no bug of ours.</summary>
    [Fact]
    public void Memory_that_runs_out_is_no_bug()
    {
        Problem problem = Problem.Of(new InsufficientMemoryException(), "a test");

        Assert.Equal(("OM6105", 1), (problem.Code, problem.ExitCode));
    }

    [Theory]
    [InlineData("OM1001", 1)]
    [InlineData("OM2001", 1)]
    [InlineData("OM4001", 3)]
    [InlineData("OM5012", 1)]
    [InlineData("OM9001", 70)]
    public void Exit_codes_follow_the_diagnostic(string code, int exitCode) => Assert.Equal(exitCode, ExitCode.Of(code));
}
