using Xunit;

namespace ModelCompiler.Build.Tests;

/// <summary>What the tool writes is read back as it was meant, and nothing else is taken for a diagnostic.</summary>
public sealed class DiagnosticLineTests
{
    [Fact]
    public void Reads_a_diagnostic_with_its_place() => Assert.Equal(
        new DiagnosticLine("/home/a (x86)/App: one.csproj", 14, 5, IsError: true, "OM2002", "Precision=\"Int9\": error OM0000: not allowed."),
        DiagnosticLine.Parse("/home/a (x86)/App: one.csproj(14,5): error OM2002: Precision=\"Int9\": error OM0000: not allowed."));

    [Fact]
    public void Reads_a_diagnostic_without_a_place() =>
        Assert.Equal(new DiagnosticLine("modelc", 0, 0, IsError: false, "OM4002", "slow"), DiagnosticLine.Parse("modelc: warning OM4002: slow"));

    [Theory]
    [InlineData("")]
    [InlineData("digits: Int8, 1.3 MB -> 0.3 MB")]
    [InlineData("App.cs(1,2): error CS1002: ; expected")]
    [InlineData("a: error OM12: no id")]
    public void Leaves_other_lines(string line) => Assert.Null(DiagnosticLine.Parse(line));
}
