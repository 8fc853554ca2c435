using Xunit;

namespace ModelCompiler.Runtime.Tests.Providers.Artefacts;

/// <summary>Providers that keep files themselves, in a folder that an option names: what they are told, without their hardware.</summary>
public sealed class FolderOptionsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory().FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(ExecutionProvider.TensorRt, "trt_engine_cache_enable=1 trt_engine_cache_path={0} trt_timing_cache_enable=1 trt_timing_cache_path={0}")]
    [InlineData(ExecutionProvider.OpenVino, "cache_dir={0}")]
    [InlineData(ExecutionProvider.CoreMl, "ModelCacheDirectory={0}")]
    public void The_folder_reaches_the_provider_beside_the_users_options(ExecutionProvider provider, string expected)
    {
        var given = new ExecutionProviderChoice(provider, new Dictionary<string, string> { ["device_id"] = "1" });
        using var artefacts = Artefacts(given);

        var options = artefacts.Prepare(given).Options;

        string path = Path.Combine(_folder, ArtefactFolder.NameOf("hash", provider.ToString()));
        Assert.Equal(("device_id=1 " + string.Format(null, expected, path)).Split(' '), options.Select(option => $"{option.Key}={option.Value}"));
        Assert.True(Directory.Exists(path));
    }

    [Fact]
    public void Each_option_is_one_that_the_provider_knows() => Assert.All(
        ProviderDescription.All.Where(description => description.Artefacts is not null),
        description => Assert.All(description.Artefacts!.FolderOptions, option => Assert.NotNull(description.FindOption(option.Key)?.Parse(option.Value))));

    [Fact]
    public void A_folder_that_the_user_names_is_the_users_business()
    {
        var given = new ExecutionProviderChoice(ExecutionProvider.TensorRt, new Dictionary<string, string> { ["trt_engine_cache_path"] = "engines" });
        using var artefacts = Artefacts(given);

        Assert.Same(given, artefacts.Prepare(given));
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder));
    }

    [Fact]
    public void Providers_that_start_at_once_keep_nothing()
    {
        var given = new ExecutionProviderChoice(ExecutionProvider.Cuda);
        using var artefacts = Artefacts(given);

        Assert.Same(given, artefacts.Prepare(given));
    }

    [Theory]
    [InlineData(ExecutionProvider.TensorRt)]
    [InlineData(ExecutionProvider.Qnn)]
    public void A_provider_that_could_not_be_started_keeps_nothing_and_lets_others_in(ExecutionProvider provider)
    {
        var choice = new ExecutionProviderChoice(provider);
        using var artefacts = Artefacts(choice);
        artefacts.Prepare(choice);
        artefacts.Forget(provider);

        Assert.Equal(1, artefacts.Create(0, (_, _) => 1));
        Assert.Empty(Directory.EnumerateFiles(_folder, "stamp.txt", SearchOption.AllDirectories));
        using var other = Artefacts(choice);
        other.Prepare(choice);
    }

    [Fact]
    public void What_the_provider_wrote_stays_until_its_options_change()
    {
        var plain = new ExecutionProviderChoice(ExecutionProvider.TensorRt);
        var half = new ExecutionProviderChoice(ExecutionProvider.TensorRt, new Dictionary<string, string> { ["trt_fp16_enable"] = "1" });

        string engine = Start(plain, engines => File.WriteAllText(Path.Combine(engines, "a.engine"), ""));
        Start(plain, engines => Assert.Equal("a.engine stamp.txt", string.Join(' ', Directory.EnumerateFiles(engines).Select(Path.GetFileName).Order())));
        Start(half, engines => Assert.Empty(Directory.EnumerateFiles(engines)));

        Assert.Equal(Path.Combine(_folder, ArtefactFolder.NameOf("hash", "TensorRt")), engine);
    }

    [Fact]
    public void What_a_failed_start_left_is_removed_before_the_next_attempt()
    {
        var choice = new ExecutionProviderChoice(ExecutionProvider.TensorRt);
        Start(choice, engines => File.WriteAllText(Path.Combine(engines, "a.engine"), ""));
        int attempts = 0;

        Start(choice, engines =>
        {
            if (attempts++ == 0)
            {
                throw new OnnxRuntimeException(OrtErrorCode.Fail, "the engine is for another GPU");
            }

            Assert.Empty(Directory.EnumerateFiles(engines));
        });

        Assert.Equal(2, attempts);
    }

    [Fact]
    public void A_long_wait_is_never_silent()
    {
        var lines = new List<string>();
        using var seen = new ManualResetEventSlim();
        void Log(OrtLogMessage line)
        {
            lock (lines)
            {
                lines.Add(line.Text);
            }

            if (line.Text.StartsWith("patience: still, after ", StringComparison.Ordinal))
            {
                seen.Set();
            }
        }

        OrtEnvironment.Logged += Log;
        try
        {
            using var log = new ArtefactLog("patience", TimeSpan.FromMilliseconds(5));
            Assert.True(seen.Wait(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
        }
        finally
        {
            OrtEnvironment.Logged -= Log;
        }

        Assert.Contains("patience", lines);
    }

    private SessionArtefacts Artefacts(ExecutionProviderChoice choice) => new(
        NativeEnvironment.Default, new SessionOptions { ExecutionProviders = [choice], Artefacts = new ArtefactOptions(_folder, "hash") });

    /// <summary>A start of a program whose provider does this while it opens the session.</summary>
    private string Start(ExecutionProviderChoice choice, Action<string> provider)
    {
        using var artefacts = Artefacts(choice);
        string folder = artefacts.Prepare(choice).Options["trt_engine_cache_path"];
        artefacts.Create(0, (_, kept) =>
        {
            Assert.Null(kept);
            provider(folder);
            return 1;
        });
        return folder;
    }
}
