using System.Collections.Concurrent;
using ModelCompiler.Runtime.Tests.Models;
using ModelCompiler.Runtime.Tests.Plugin;
using Xunit;

namespace ModelCompiler.Runtime.Tests.Providers.Artefacts;

/// <summary>What a provider compiles is kept and taken again: with a real provider, which comes as a library and counts.</summary>
[Collection(nameof(PluginProvider))]
public sealed class SessionArtefactsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory().FullName;
    private readonly ConcurrentQueue<string> _lines = new();

    public SessionArtefactsTests()
    {
        Assert.SkipWhen(TrampolineLibrary.Unavailable is not null, TrampolineLibrary.Unavailable ?? "");
        _ = PluginProvider.Device;
        OrtEnvironment.Logged += Log;
    }

    public void Dispose()
    {
        OrtEnvironment.Logged -= Log;
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void The_first_start_compiles_and_says_so_and_the_second_takes_what_it_kept()
    {
        var (first, second) = (Open(), Open());

        Assert.Equal((1, 0), first);
        Assert.Equal((0, 1), second);
        string start = $"{PluginProvider.Name}: compiling the model for this machine", end = $"in '{_folder}'";
        Assert.Single(_lines, line => line.StartsWith(start, StringComparison.Ordinal) && line.EndsWith(end, StringComparison.Ordinal));
        Assert.Single(_lines, line => line.Contains("ended, after", StringComparison.Ordinal));
    }

    [Fact]
    public void Nothing_is_kept_unless_a_folder_is_given()
    {
        using var session = InferenceSession.Open(Model(), new SessionOptions { Devices = [PluginProvider.Device] });

        Assert.DoesNotContain(_lines, line => line.Contains("compiling", StringComparison.Ordinal));
        AssertProduct(session);
    }

    [Theory]
    [InlineData("ONNX Runtime=", "ONNX Runtime was '1.0.0' and is '")]
    [InlineData("device=", "device was '1.0.0' and is '" + PluginProvider.Name + " 1.2.3 on ")]
    public void What_was_made_for_another_version_or_device_is_made_anew_with_the_reason(string fact, string reason)
    {
        Open();
        string stamp = Assert.Single(Directory.EnumerateFiles(_folder, "stamp.txt", SearchOption.AllDirectories));
        File.WriteAllLines(stamp, File.ReadAllLines(stamp).Select(line => line.StartsWith(fact, StringComparison.Ordinal) ? fact + "1.0.0" : line));

        Assert.Equal((1, 0), Open());
        Assert.Equal((0, 1), Open());
        Assert.Single(_lines, line => line.Contains("does not fit any more, and is made anew: " + reason, StringComparison.Ordinal));
    }

    [Fact]
    public void What_the_provider_cannot_load_is_made_anew()
    {
        Open();
        File.WriteAllText(Assert.Single(Directory.EnumerateFiles(_folder, "product.bin", SearchOption.AllDirectories)), "something else");

        Assert.Equal((1, 0), Open());
        Assert.Equal((0, 1), Open());
        Assert.Contains(_lines, line => line.StartsWith("What was compiled before cannot be used", StringComparison.Ordinal) && line.Contains("what was compiled is damaged", StringComparison.Ordinal));
    }

    [Fact]
    public void What_was_left_incomplete_is_made_anew()
    {
        Open();
        File.Delete(Assert.Single(Directory.EnumerateFiles(_folder, "stamp.txt", SearchOption.AllDirectories)));

        Assert.Equal((1, 0), Open());
        Assert.Contains(_lines, line => line.EndsWith("it was left incomplete", StringComparison.Ordinal));
    }

    [Fact]
    public void What_nobody_asked_for_in_months_goes_when_something_new_is_made()
    {
        Open(hash: "old");
        string stamp = Assert.Single(Directory.EnumerateFiles(_folder, "stamp.txt", SearchOption.AllDirectories));
        File.SetLastWriteTimeUtc(stamp, DateTime.UtcNow.AddDays(-80));
        Open(hash: "new");
        Assert.True(File.Exists(stamp));

        File.SetLastWriteTimeUtc(stamp, DateTime.UtcNow.AddDays(-100));
        Open(hash: "newer");
        Assert.False(Directory.Exists(Path.GetDirectoryName(stamp)));
        Assert.Equal((0, 1), Open(hash: "new"));
    }

    [Fact]
    public void Models_and_sizes_of_their_dimensions_do_not_share()
    {
        Assert.Equal((1, 0), Open(hash: "a"));
        Assert.Equal((1, 0), Open(hash: "b"));
        Assert.Equal((1, 0), Open(hash: "b", size: 3));
        Assert.Equal((0, 1), Open(hash: "a"));
    }

    [Fact]
    public void Of_many_that_start_at_once_one_compiles()
    {
        var counts = new ConcurrentBag<(int Compiled, int Loaded)>();
        int before = PluginProvider.Compilations;

        Parallel.For(0, 6, new ParallelOptions { MaxDegreeOfParallelism = 6, CancellationToken = TestContext.Current.CancellationToken }, _ => counts.Add(Open()));

        Assert.Equal(before + 1, PluginProvider.Compilations);
    }

    [Fact]
    public async Task Who_waits_for_another_says_so()
    {
        string path = Path.Combine(_folder, ArtefactFolder.NameOf("a", PluginProvider.Name) + ".lock");
        Task<(int Compiled, int Loaded)> waiting;
        await using (new FileStream(path, FileMode.Create, FileAccess.ReadWrite, FileShare.None))
        {
            waiting = Task.Run(() => Open(), TestContext.Current.CancellationToken);
            while (!_lines.Any(line => line.EndsWith("waiting for another process that compiles the same model", StringComparison.Ordinal)))
            {
                await Task.Delay(5, TestContext.Current.CancellationToken);
            }

            Assert.False(waiting.IsCompleted);
        }

        Assert.Equal((1, 0), await waiting);
    }

    [Fact]
    public void A_build_may_have_compiled_and_only_what_fits_is_taken()
    {
        string archive = Path.Combine(_folder, "m.onnx" + ArtefactArchive.Suffix), built = Path.Combine(_folder, "built");
        Open(built);
        ArtefactArchive.Write(new ArtefactOptions(built, "a") { Archive = archive });

        Assert.Equal((0, 1), Open(Path.Combine(_folder, "a"), archive: archive));
        Assert.Equal((1, 0), Open(Path.Combine(_folder, "b"), hash: "another", archive: archive));
        Assert.Single(_lines, line => line.EndsWith("what the build compiled fits this machine", StringComparison.Ordinal));
    }

    [Fact]
    public void A_damaged_archive_and_a_folder_that_cannot_be_written_cost_time_only()
    {
        string archive = Path.Combine(_folder, "broken"), file = Path.Combine(_folder, "file");
        File.WriteAllText(archive, "no archive");
        File.WriteAllText(file, "");

        Assert.Equal((1, 0), Open(archive: archive));
        Assert.Equal((1, 0), Open(Path.Combine(file, "below")));
        Assert.Equal(2, _lines.Count(line => line.Contains("is not kept, so that each start takes as long as the first", StringComparison.Ordinal)));
    }

    /// <summary>Opens and runs; how many graphs were compiled, and how many loaded.</summary>
    private (int Compiled, int Loaded) Open(string? folder = null, string hash = "a", int? size = null, string? archive = null)
    {
        var (compiled, loaded) = (PluginProvider.Compilations, PluginProvider.Loads);
        using var session = InferenceSession.Open(Model(), new SessionOptions
        {
            Devices = [PluginProvider.Device],
            Artefacts = new ArtefactOptions(folder ?? _folder, hash) { Archive = archive },
            FixedDimensions = size is { } n ? new Dictionary<string, long> { ["n"] = n } : new Dictionary<string, long>(),
        });
        AssertProduct(session);
        return (PluginProvider.Compilations - compiled, PluginProvider.Loads - loaded);
    }

    private static void AssertProduct(InferenceSession session)
    {
        var outputs = session.Run([("a", TensorBuffer.Create([3], [1f, 2, 3])), ("b", TensorBuffer.Create([3], [4f, 5, 6]))]);
        Assert.Equal([-4f, -10, -18], outputs[0].AsSpan<float>().ToArray());
    }

    /// <summary>−(a · b): the product is the provider's, the sign the CPU's.</summary>
    private static byte[] Model() => new OnnxModel()
        .Input("a", TensorElementType.Float32, "n")
        .Input("b", TensorElementType.Float32, "n")
        .Output("y", TensorElementType.Float32, "n")
        .NamedNode("product", "Mul", ["a", "b"], ["p"])
        .NamedNode("sign", "Neg", ["p"], ["y"])
        .Build();

    private void Log(OrtLogMessage line)
    {
        if (line.Category == "ModelCompiler")
        {
            _lines.Enqueue(line.Text);
        }
    }
}
