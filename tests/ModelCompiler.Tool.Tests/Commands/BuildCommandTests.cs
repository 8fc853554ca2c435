using ModelCompiler.Manifests;
using ModelCompiler.Onnx;
using ModelCompiler.Requests;
using ModelCompiler.Tests;
using ModelCompiler.Tool.Compilation;
using ModelCompiler.Tool.Tests.Support;
using Xunit;

namespace ModelCompiler.Tool.Tests.Commands;

public sealed class BuildCommandTests : IDisposable
{
    private readonly Workspace _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Compiles_every_item_and_stamps_it_last()
    {
        _folder.WriteClassifier("a.onnx");
        _folder.WriteClassifier("b.onnx", seed: 2);
        CliResult result = Build(Item("a"), Item("b", ("Namespace", "Other"))).Succeeds();
        foreach (string name in new[] { "a", "b" })
        {
            Assert.Contains($"{name}: Float32, ", result.Output, StringComparison.Ordinal);
            Assert.Contains($"{name}: reading ", result.Error, StringComparison.Ordinal);
            OutputStamp stamp = OutputStamp.Parse(File.ReadAllText(_folder.PathOf($"obj/{name}/{name}.stamp")));
            Assert.Equal($"stamp of {name}", stamp.Stamp);
            Assert.Equal([$"{name}.onnx", $"{name}.report.json", $"{name}.report.html", $"{name}.provenance.json", $"{name}.model.json"], stamp.Outputs);
            Assert.True(stamp.IsIntact(_folder.PathOf($"obj/{name}")));
        }
        Assert.Contains("\"namespace\": \"Root.Space\"", File.ReadAllText(_folder.PathOf("obj/a/a.model.json")), StringComparison.Ordinal);
        Assert.Contains("\"namespace\": \"Other\"", File.ReadAllText(_folder.PathOf("obj/b/b.model.json")), StringComparison.Ordinal);
    }

    [Fact]
    public void The_line_of_an_item_says_what_became_of_it_where_that_is_not_what_was_asked()
    {
        _folder.WriteClassifier("a.onnx");
        CliResult result = Build(Item("a", ("Precision", "Int8Dynamic"))).Succeeds();
        Assert.Contains("warning OM4004", result.Output, StringComparison.Ordinal);
        Assert.Contains("a: Float32 instead of Int8Dynamic, ", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Finds_the_items_files_from_the_folder_of_the_project()
    {
        _folder.WriteClassifier("a.onnx");
        _folder.WriteSamples("data/samples.npz");
        Build(Item("a", ("Calibration", "data\\samples.npz"))).Succeeds();
    }

    [Fact]
    public void Reports_the_errors_of_all_items_in_the_form_that_MSBuild_reads_and_compiles_the_others()
    {
        _folder.WriteClassifier("good.onnx");
        _folder.Write("text.onnx", "this is no model");
        CliResult result = Build(Item("text"), Item("missing", ("Precision", "Int9"), ("Teacher", "x")), Item("good"));
        Assert.Equal(1, result.ExitCode);
        string project = _folder.PathOf("App.csproj");
        Assert.Contains($"{project}(7,3): error OM1010: ", result.Output, StringComparison.Ordinal);
        Assert.Contains($"{project}(7,3): error OM2002: ", result.Output, StringComparison.Ordinal);
        Assert.Contains($"{project}(7,3): error OM2105: ", result.Output, StringComparison.Ordinal);
        Assert.True(_folder.Has("obj/good/good.stamp"));
        Assert.False(_folder.Has("obj/text/text.stamp"));
    }

    [Fact]
    public void Lists_external_data_as_something_to_look_at_before_the_next_build()
    {
        OnnxWriter.Write(TestModels.Classifier(), _folder.PathOf("a.onnx"), new WriteOptions { ExternalData = true, ExternalDataThreshold = 1 });
        Build(Item("a")).Succeeds();
        OutputStamp stamp = OutputStamp.Parse(File.ReadAllText(_folder.PathOf("obj/a/a.stamp")));
        Assert.Equal([OutputStamp.InputEntry(_folder.PathOf("a.onnx.data")), OutputStamp.InputEntry(_folder.PathOf("a.plan.json"))], stamp.Inputs);
        _folder.Touch("a.onnx.data");
        Assert.False(stamp.IsIntact(_folder.PathOf("obj/a")));
    }

    [Fact]
    public void Ends_with_the_code_of_a_missed_budget()
    {
        _folder.WriteClassifier("a.onnx");
        Assert.Equal(3, Build(Item("a", ("MaxSizeMB", "0"))).ExitCode);
    }

    [Fact]
    public void Does_not_work_for_a_build_that_is_gone()
    {
        _folder.WriteClassifier("a.onnx");
        using var ended = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo(DotNet.Host, "--version") { RedirectStandardOutput = true })!;
        ended.WaitForExit();
        CliResult result = Build(ended.Id, Item("a"));
        Assert.Equal(130, result.ExitCode);
        Assert.False(_folder.Has("obj/a/a.stamp"));
    }

    [Theory]
    [InlineData("", "line 1")]
    [InlineData("{\"version\": 99}", "version")]
    public void Refuses_a_request_that_it_cannot_read(string request, string word) =>
        Cli.Run("build", _folder.Write("request.json", request)).Refuses("OM2006", word);

    [Fact]
    public void Refuses_a_request_that_is_not_there() => Cli.Run("build", _folder.PathOf("no.json")).Refuses("OM2006", "no.json");

    [Fact]
    public void Describes_the_signature_without_compiling()
    {
        _folder.WriteClassifier("a.onnx");
        _folder.Write("text.onnx", "this is no model");
        CliResult result = Build(Request(Item("a", ("Namespace", "Other")), Item("text")) with { IsDesignTime = true }).Succeeds();
        Assert.Empty(result.Output);
        Assert.False(_folder.Has("obj/a/a.onnx") || _folder.Has("obj/a/a.stamp"));
        Assert.True(ManifestReader.TryRead(File.ReadAllText(_folder.PathOf("obj/a/a.signature.json")), out ModelManifest? provisional, out _));
        Assert.Equal("stamp of a", OutputStamp.Parse(File.ReadAllText(_folder.PathOf("obj/a/a.signature.stamp"))).Stamp);
        Assert.Equal(0, new FileInfo(_folder.PathOf("obj/text/text.signature.json")).Length);

        Build(Item("a", ("Namespace", "Other"))).Succeeds();
        Assert.True(ManifestReader.TryRead(File.ReadAllText(_folder.PathOf("obj/a/a.model.json")), out ModelManifest? compiled, out _));
        Assert.False(_folder.Has("obj/a/a.signature.json"));
        Assert.Equal(compiled with { Model = provisional.Model, Source = provisional.Source }, provisional);
    }

    [Fact]
    public void Ends_with_an_error_when_time_is_over()
    {
        _folder.WriteClassifier("a.onnx");
        using FileLock held = FileLock.Acquire(_folder.PathOf("obj/a/.modelc.lock"), () => { }, TestContext.Current.CancellationToken);
        CliResult result = Build(Request(Item("a")) with { Timeout = 1 });
        Assert.Equal(1, result.ExitCode);
        Assert.Contains($"{_folder.PathOf("App.csproj")}(7,3): error OM6103: ", result.Output, StringComparison.Ordinal);
        Assert.Contains("waiting for another build", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Ends_with_an_error_when_it_holds_too_much_memory()
    {
        _folder.WriteClassifier("a.onnx");
        using FileLock held = FileLock.Acquire(_folder.PathOf("obj/a/.modelc.lock"), () => { }, TestContext.Current.CancellationToken);
        CliResult result = Build(Request(Item("a")) with { MemoryLimit = 1 });
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("error OM6104: ", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Takes_what_another_build_has_made_meanwhile()
    {
        _folder.WriteClassifier("a.onnx");
        Build(Item("a")).Succeeds();
        DateTime first = File.GetLastWriteTimeUtc(_folder.PathOf("obj/a/a.onnx"));
        Assert.Contains("another build has made it", Build(Item("a")).Succeeds().Output, StringComparison.Ordinal);
        Assert.Equal(first, File.GetLastWriteTimeUtc(_folder.PathOf("obj/a/a.onnx")));
    }

    private CliResult Build(params BuildRequestItem[] items) => Build(Request(items));

    private CliResult Build(int parent, params BuildRequestItem[] items) => Build(Request(items) with { ParentProcessId = parent });

    private CliResult Build(BuildRequest request) => Cli.Run("build", _folder.Write("request.json", BuildRequestFormat.Write(request)));

    private BuildRequest Request(params BuildRequestItem[] items) => new()
    {
        ProjectFile = _folder.PathOf("App.csproj"),
        RootNamespace = "Root.Space",
        ParentProcessId = Environment.ProcessId,
        Cache = "false",
        Items = items,
    };

    private BuildRequestItem Item(string name, params (string Name, string Text)[] metadata) => new()
    {
        Model = _folder.PathOf(name + ".onnx"),
        Name = name,
        OutputDirectory = _folder.PathOf("obj/" + name),
        Stamp = "stamp of " + name,
        DefinedIn = _folder.PathOf("App.csproj"),
        Line = 7,
        Column = 3,
        Metadata = metadata.ToDictionary(pair => pair.Name, pair => pair.Text),
    };
}
