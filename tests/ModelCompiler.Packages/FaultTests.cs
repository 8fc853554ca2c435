using System.Security.Cryptography;
using ModelCompiler.Requests;
using Xunit;

namespace ModelCompiler.Packages;

/// <summary>
/// The system refuses the k-th call of a kind, for k = 1, 2, … until a run gets by without: an error or a success, the outputs of before unharmed or
/// replaced as a whole, and a next build that succeeds. Only when everything is tried: each is a run.
/// </summary>
public sealed class FaultTests : IDisposable
{
    /// <summary>More than any run makes.</summary>
    private const int MostCalls = 200;

    private readonly ToolProcess _tool = new();

    public static TheoryData<string, string> Faults => new()
    {
        { "mkdir", "EACCES" },
        { "rename", "EIO" },
        { "unlink", "EROFS" },
        { "flock", "ENOLCK" },
        { "ftruncate", "ENOSPC" },
        { "fallocate", "ENOSPC" },
        { "pwrite64", "ENOSPC" },
        { "pwrite64", "EIO" },
    };

    public void Dispose() => _tool.Dispose();

    [Theory]
    [MemberData(nameof(Faults))]
    public void Whatever_call_fails_nothing_is_torn_and_the_next_build_heals(string call, string error)
    {
        RequireStrace();
        string[] good = [BuildAndHash("Float32"), BuildAndHash("Float16")];
        int injected = 0;
        for (int k = 1; k <= MostCalls && Injects(call, error, k, good); k++) injected++;
        Assert.InRange(injected, 0, MostCalls - 1);
        Tier.Count($"{injected} faults survived: {call} gives {error}");
    }

    [Fact]
    public void A_compilation_opens_no_connection()
    {
        RequireStrace();
        var (exitCode, output) = _tool.RunTraced(["-e", "trace=socket,connect"], "sockets.txt", "Int8", "cache");
        Assert.True(exitCode == 0, output);
        string[] network = [.. File.ReadLines(_tool.Files.PathOf("sockets.txt")).Where(line => line.Contains("AF_INET", StringComparison.Ordinal))];
        Assert.Empty(network);
        Tier.Count("0 network sockets opened by a compilation");
    }

    private static void RequireStrace() => Assert.SkipUnless(Tier.IsFull && File.Exists("/usr/bin/strace"), "Needs strace, and minutes: build/packages-full.sh.");

    /// <summary>One run with a fault; false where the run made no such call any more.</summary>
    private bool Injects(string call, string error, int k, string[] good)
    {
        string precision = Current() == good[0] ? "Float16" : "Float32";
        // An empty one, so that the run compiles and fills it; what it left there is what heals.
        if (_tool.Files.Has("cache")) Directory.Delete(_tool.Files.PathOf("cache"), recursive: true);
        var (exitCode, output) = _tool.RunTraced(["-e", $"trace={call}", "-e", $"inject={call}:error={error}:when={k}"], "faults.txt", precision, "cache");
        if (!File.ReadAllText(_tool.Files.PathOf("faults.txt")).Contains("(INJECTED)", StringComparison.Ordinal)) return false;
        Assert.True(exitCode is 0 or 1, $"{call} {k}: exit code {exitCode}\n{output}");
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
        if (exitCode == 1) Assert.Matches("error OM(6\\d{3}|5020): ", output);
        if (File.Exists(_tool.Output(".onnx"))) Assert.Contains(Current(), good);
        if (File.Exists(_tool.Output(".stamp"))) Assert.True(OutputStamp.Parse(File.ReadAllText(_tool.Output(".stamp"))).IsIntact(_tool.OutputFolder), $"{call} {k}: a stamp without its files");
        Assert.Equal(good[precision == "Float32" ? 0 : 1], BuildAndHash(precision));
        return true;
    }

    private string BuildAndHash(string precision)
    {
        var (exitCode, output) = _tool.Run(precision, "cache");
        Assert.True(exitCode == 0, output);
        return Current();
    }

    private string Current() => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(_tool.Output(".onnx"))));
}
