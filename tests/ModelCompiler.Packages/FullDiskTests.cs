using System.Security.Cryptography;
using ModelCompiler.Requests;
using Xunit;

namespace ModelCompiler.Packages;

/// <summary>A disk that takes no more: an error that says so, the outputs of before unharmed, and a next build that succeeds.</summary>
public sealed class FullDiskTests : IDisposable
{
    private readonly ToolProcess _tool = new();

    /// <summary>KiB that a file may have: too few for the stamp's neighbours, for the reports, for the model.</summary>
    public static TheoryData<int> Limits => Tier.Of<TheoryData<int>>([16], [0, 1, 16, 300, 1200]);

    public void Dispose() => _tool.Dispose();

    [Theory]
    [MemberData(nameof(Limits))]
    public void A_write_that_fails_is_an_error_and_harms_nothing(int limit)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The limit is set by a shell of Linux.");
        Assert.Equal(0, _tool.Run("Int8").ExitCode);
        var before = Hashes();

        var (exitCode, output) = _tool.RunWithFileLimit(limit, "Float32");

        Assert.True(exitCode == 1, output);
        // Ours where we write, ONNX Runtime's where it does.
        Assert.Matches("error OM(6002|5020): ", output);
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
        Assert.Equal(before, Hashes());
        Tier.Count($"full disk at {limit} KiB survived");
        Assert.Equal(0, _tool.Run("Float32").ExitCode);
        Assert.Equal("Float32", OutputStamp.Parse(File.ReadAllText(_tool.Output(".stamp"))).Stamp);
    }

    [Fact]
    public void A_cache_that_takes_no_more_is_done_without()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The limit is set by a shell of Linux.");
        Assert.Equal(0, _tool.Run("Int8").ExitCode);
        _tool.Files.Write("cache", "a file where the folder should be");

        var (exitCode, output) = _tool.Run("Float32", "cache");

        Assert.True(exitCode == 0, output);
        Assert.Contains("the cache is not used: ", output, StringComparison.Ordinal);
    }

    private SortedDictionary<string, string> Hashes() => new(
        Directory.GetFiles(_tool.OutputFolder).ToDictionary(path => Path.GetFileName(path), path => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path)))), StringComparer.Ordinal);
}
