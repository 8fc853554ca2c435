using ModelCompiler.Requests;
using ModelCompiler.Tests;
using ModelCompiler.Tool.Tests.Support;
using Xunit;

namespace ModelCompiler.Tool.Tests.Caching;

/// <summary>The cache as builds see it: what is a hit, and that nothing wrong ever comes out of it.</summary>
public sealed class CompilationCacheTests : IDisposable
{
    private readonly Workspace _folder = new();
    private readonly Dictionary<string, string> _metadata = [];
    private int _builds;
    private string _output = "";

    public CompilationCacheTests()
    {
        _folder.WriteClassifier("m.onnx");
        _folder.WriteSamples();
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_second_build_is_a_copy_with_the_same_bytes_and_the_names_of_its_own_project()
    {
        string first = Build(isHit: false);
        string second = Build(isHit: true, space: "Other.Space");

        Assert.Equal(Outputs(first).Keys, Outputs(second).Keys);
        Assert.Equal(Outputs(first)["m.onnx"], Outputs(second)["m.onnx"]);
        string manifest = File.ReadAllText(Path.Combine(second, "m.model.json"));
        Assert.Equal(File.ReadAllText(Path.Combine(first, "m.model.json")).Replace("Root.Space", "Other.Space", StringComparison.Ordinal), manifest);
        Assert.True(OutputStamp.Parse(File.ReadAllText(Path.Combine(second, "m.stamp"))).IsIntact(second));
    }

    [Fact]
    public void Every_input_is_part_of_the_key()
    {
        _metadata["Calibration"] = "samples.npz";
        Build(isHit: false);
        _folder.Touch("m.onnx");
        Build(isHit: true);
        _metadata["ClassName"] = "Reader";
        Build(isHit: true);
        _metadata["MaxSizeMB"] = "1";
        Build(isHit: false);
        _folder.Write("m.plan.json", "{}");
        Build(isHit: false);
        _folder.WriteSamples(labels: TestModels.Labels);
        Build(isHit: false);
        _folder.WriteClassifier("m.onnx", seed: 2);
        Build(isHit: false);
        Build(isHit: true);
    }

    [Fact]
    public void What_hangs_on_the_machine_is_asked_again_and_not_of_the_cache()
    {
        _metadata["ExecutionProvider"] = "Xnnpack";
        Build(isHit: false);
        Assert.Contains("warning OM5021: Xnnpack leaves", _output, StringComparison.Ordinal);
        string entry = Path.Combine(Assert.Single(Entries()), "entry.json");
        File.WriteAllText(entry, File.ReadAllText(entry).Replace("Xnnpack leaves", "Nobody leaves", StringComparison.Ordinal));

        Build(isHit: true);

        Assert.Equal(1, _output.Split("warning OM5021: Xnnpack leaves").Length - 1);
        Assert.DoesNotContain("Nobody leaves", _output, StringComparison.Ordinal);
    }

    [Fact]
    public void Damaged_entries_are_made_anew_whatever_the_damage()
    {
        const int seed = 77;
        var random = new Random(seed);
        string good = Convert.ToHexString(Outputs(Build(isHit: false))["m.onnx"]);
        for (int i = 0; i < 12; i++)
        {
            string[] files = Directory.GetFiles(_folder.PathOf("cache/entries"), "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).ToArray();
            string victim = files[i % files.Length];
            Damage(victim, i / files.Length, random);
            string output = Build(isHit: false);
            Assert.True(good == Convert.ToHexString(Outputs(output)["m.onnx"]), $"seed {seed}, damage {i} to {victim}");
            Build(isHit: true);
        }
    }

    [Fact]
    public void The_entry_that_was_not_used_for_longest_goes_first()
    {
        Build(isHit: false);
        string oldest = Assert.Single(Entries());
        File.SetLastWriteTimeUtc(Path.Combine(oldest, "entry.json"), DateTime.UtcNow.AddDays(-1));
        _metadata["MaxSizeMB"] = "1";
        Build(isHit: false, limit: 0);
        Assert.Empty(Entries());

        Build(isHit: false);
        _metadata["MaxSizeMB"] = "2";
        Build(isHit: false);
        Assert.Equal(2, Entries().Length);
    }

    [Fact]
    public void A_warning_is_given_on_every_build()
    {
        Build(isHit: false);
        string index = Path.Combine(Assert.Single(Entries()), "entry.json");
        File.WriteAllText(index, File.ReadAllText(index).Replace("\"warnings\": []", """
            "warnings": [ { "code": "OM4002", "severity": "warning", "message": "slow" } ]
            """, StringComparison.Ordinal));
        Assert.Contains("App.csproj(7,3): warning OM4002: slow", Run("again", "Root.Space", "cache", 100).Succeeds().Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_cache_that_cannot_be_used_harms_no_build()
    {
        _folder.Write("file", "in the way");
        CliResult result = Run("out", "Root.Space", "file/cache", 100).Succeeds();
        Assert.Contains("the cache is not used: ", result.Error, StringComparison.Ordinal);
        Assert.True(_folder.Has("out/m.stamp"));
    }

    [Theory]
    [InlineData("false")]
    [InlineData("None")]
    public void Can_be_turned_off(string off)
    {
        Assert.DoesNotContain("cache", Run("one", "Root.Space", off, 100).Succeeds().Output, StringComparison.Ordinal);
        Assert.DoesNotContain("cache", Run("two", "Root.Space", off, 100).Succeeds().Output, StringComparison.Ordinal);
        Assert.False(_folder.Has(off));
    }

    /// <summary>Measuring takes minutes by default: another checkout has the plan from the cache, and the same checkout finds its models by it.</summary>
    [Fact]
    public void A_plan_that_was_measured_is_written_beside_the_model_again()
    {
        _metadata["Precision"] = "Auto";
        _metadata["TuningBudget"] = "2s";
        _metadata["Calibration"] = "samples.npz";
        byte[] first = Outputs(Build(isHit: false))["m.onnx"];
        string plan = File.ReadAllText(_folder.PathOf("m.plan.json"));
        Assert.Equal(first, Outputs(Build(isHit: true))["m.onnx"]);

        File.Delete(_folder.PathOf("m.plan.json"));
        string third = Build(isHit: true);

        Assert.Equal(first, Outputs(third)["m.onnx"]);
        Assert.Equal(plan, File.ReadAllText(_folder.PathOf("m.plan.json")));
        Assert.True(OutputStamp.Parse(File.ReadAllText(Path.Combine(third, "m.stamp"))).IsIntact(third), "the next build would do it all again");
    }

    private static void Damage(string file, int kind, Random random)
    {
        byte[] bytes = File.ReadAllBytes(file);
        switch (kind)
        {
            case 0:
                bytes[random.Next(bytes.Length)] ^= 0x10;
                File.WriteAllBytes(file, bytes);
                break;
            case 1:
                File.WriteAllBytes(file, bytes[..random.Next(bytes.Length)]);
                break;
            default:
                File.Delete(file);
                break;
        }
    }

    private string[] Entries() => Directory.GetDirectories(_folder.PathOf("cache/entries"));

    private static SortedDictionary<string, byte[]> Outputs(string folder) =>
        new(Directory.GetFiles(folder).ToDictionary(path => Path.GetFileName(path), File.ReadAllBytes), StringComparer.Ordinal);

    /// <summary>Builds into a new folder, which is given back.</summary>
    private string Build(bool isHit, string space = "Root.Space", int limit = 100)
    {
        string output = $"obj{_builds++}";
        CliResult result = Run(output, space, "cache", limit).Succeeds();
        _output = result.Output;
        Assert.Equal(isHit, result.Output.Contains(", from the cache", StringComparison.Ordinal));
        return _folder.PathOf(output);
    }

    private CliResult Run(string output, string space, string cache, int limit)
    {
        var request = new BuildRequest
        {
            ProjectFile = _folder.PathOf("App.csproj"),
            RootNamespace = space,
            ParentProcessId = Environment.ProcessId,
            Cache = cache,
            CacheLimit = limit,
            Items =
            [
                new BuildRequestItem
                {
                    Model = _folder.PathOf("m.onnx"),
                    Name = "m",
                    OutputDirectory = _folder.PathOf(output),
                    Stamp = "stamp",
                    DefinedIn = _folder.PathOf("App.csproj"),
                    Line = 7,
                    Column = 3,
                    Metadata = _metadata,
                },
            ],
        };
        return Cli.Run("build", _folder.Write("request.json", BuildRequestFormat.Write(request)));
    }
}
