using System.Diagnostics;
using System.Security.Cryptography;
using ModelCompiler.Requests;
using Xunit;

namespace ModelCompiler.Packages;

/// <summary>The tool is killed at random moments: what it leaves is whole, and the next build heals it.</summary>
public sealed class KilledToolTests : IDisposable
{
    private const int Seed = 20261122;

    private static readonly int Kills = Tier.Of(6, 60);
    private static readonly string[] Precisions = ["Float32", "Int8"];

    private readonly ToolProcess _tool = new();
    private long _copyMilliseconds = 1000;
    private string _built = "";

    public void Dispose() => _tool.Dispose();

    [Fact]
    public void Whatever_the_moment_the_next_build_gives_what_an_undisturbed_one_gives()
    {
        // A first run is slower than the next.
        Build(Precisions[1], "false");
        var good = Precisions.ToDictionary(precision => precision, precision => Build(precision, "cache"));
        var random = new Random(Seed);
        int hit = 0;
        for (int i = 0; i < Kills; i++)
        {
            string precision = Precisions.First(other => other != _built);
            // Every second time into an empty cache, so that both compilations and copies are hit.
            bool isCopy = i % 2 == 1;
            if (!isCopy && _tool.Files.Has("cache"))
            {
                Directory.Delete(_tool.Files.PathOf("cache"), recursive: true);
            }

            int longest = (int)(isCopy ? _copyMilliseconds : good[precision].Milliseconds);
            using (Process process = _tool.Start(precision, "cache"))
            {
                if (!process.WaitForExit(random.Next(longest / 4, longest)))
                {
                    process.Kill();
                    process.WaitForExit();
                    hit++;
                }
            }

            AssertWhole(good.Values.Select(result => result.Sha256).ToHashSet(), i);
            // The build before may be the one that the user goes back to: its stamp must not vouch for a mixture.
            string next = Precisions[random.Next(2)];
            Assert.True(good[next].Sha256 == Build(next, "cache").Sha256, $"seed {Seed}, kill {i}");
            Assert.Empty(Directory.GetDirectories(_tool.OutputFolder));
        }

        Tier.Count($"{hit} kills survived, of {Kills} tried");
        Assert.InRange(hit, Kills / 3, Kills);
    }

    [Fact]
    public void It_ends_with_the_build_that_started_it()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "sleep is a Unix program.");
        Directory.CreateDirectory(_tool.OutputFolder);
        // Nobody lets go of the lock that it waits for.
        using var held = new FileStream(Path.Combine(_tool.OutputFolder, ".modelc.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        using Process build = Process.Start("sleep", "600");
        using Process process = _tool.Start("Float32", parent: build.Id);
        Assert.False(process.WaitForExit(2000));
        build.Kill();
        build.WaitForExit();
        Assert.True(process.WaitForExit(60000));
        Assert.Equal(130, process.ExitCode);
    }

    /// <summary>Under a final name is a whole file or none; with a stamp, all that it lists.</summary>
    private void AssertWhole(HashSet<string> good, int kill)
    {
        if (File.Exists(_tool.Output(".onnx")))
        {
            Assert.True(good.Contains(HashOfModel()), $"seed {Seed}, kill {kill}: a torn model");
        }

        if (File.Exists(_tool.Output(".stamp")))
        {
            OutputStamp stamp = OutputStamp.Parse(File.ReadAllText(_tool.Output(".stamp")));
            Assert.True(stamp.IsIntact(_tool.OutputFolder), $"seed {Seed}, kill {kill}: a stamp without its files");
        }
    }

    private (string Sha256, long Milliseconds) Build(string precision, string cache)
    {
        var time = Stopwatch.StartNew();
        var (exitCode, output) = _tool.Run(precision, cache);
        Assert.True(exitCode == 0, output);
        Assert.Equal(precision, OutputStamp.Parse(File.ReadAllText(_tool.Output(".stamp"))).Stamp);
        Assert.Contains($"\"precision\": \"{precision}\"", File.ReadAllText(_tool.Output(".model.json")), StringComparison.Ordinal);
        _built = precision;
        if (output.Contains("from the cache", StringComparison.Ordinal))
        {
            _copyMilliseconds = time.ElapsedMilliseconds;
        }

        return (HashOfModel(), time.ElapsedMilliseconds);
    }

    private string HashOfModel() => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(_tool.Output(".onnx"))));
}
