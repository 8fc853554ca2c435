using Xunit;

namespace ModelCompiler.Build.Tests;

/// <summary>What the task starts, and how it reports what came of it.</summary>
public sealed class CompileModelsTests : IDisposable
{
    private readonly TaskProject _project = new();

    public void Dispose() => _project.Dispose();

    [Fact]
    public void Starts_the_tool_once_for_all_stale_models()
    {
        _project.Add("a.onnx");
        _project.Add("b.onnx", ("Precision", "Int8"));

        Assert.True(_project.Run());

        Assert.Equal(["a,b"], _project.ToolStarts);
        Assert.True(File.Exists(_project.Files.PathOf("obj/models/b/b.onnx")));
        Assert.Contains("\"precision\": \"Int8\"", File.ReadAllText(_project.Files.PathOf("obj/models/b/b.model.json")), StringComparison.Ordinal);
        Assert.Contains(_project.Engine.Messages, message => message.Message == "a: compiling");
    }

    [Fact]
    public void Starts_nothing_when_all_is_up_to_date()
    {
        _project.Add("a.onnx");
        _project.Run();

        Assert.True(_project.Run());

        Assert.Equal(["a"], _project.ToolStarts);
    }

    /// <summary>Else a build that fails by a warning passes the second time.</summary>
    [Fact]
    public void Repeats_the_warnings_of_what_is_up_to_date()
    {
        _project.Add("a.onnx");
        var slow = _project.Add("b.onnx", ("Fake", "warn"));
        _project.Run();
        var first = Assert.Single(_project.Engine.Warnings);

        Assert.True(_project.Run());

        Assert.Equal(["a,b"], _project.ToolStarts);
        var again = Assert.Single(_project.Engine.Warnings);
        Assert.Equal(("OM4002", "b is slow", 4, 5), (again.Code, again.Message, again.LineNumber, again.ColumnNumber));
        Assert.Equal((first.Message, first.File, first.LineNumber, first.HelpLink), (again.Message, again.File, again.LineNumber, again.HelpLink));
        slow.RemoveMetadata("Fake");
        _project.Run();
        Assert.Empty(_project.Engine.Warnings);
    }

    [Fact]
    public void Reports_the_tools_errors_where_the_tool_says()
    {
        _project.Add("a.onnx");
        _project.Add("b.onnx", ("Fake", "fail"));

        Assert.False(_project.Run());

        var error = Assert.Single(_project.Engine.Errors);
        Assert.Equal(("OM2003", 4, 5), (error.Code, error.LineNumber, error.ColumnNumber));
        Assert.Equal(_project.Files.PathOf("App.csproj"), error.File);
        Assert.Equal("file:///package/docs/diagnostics.md#om2003", error.HelpLink);
    }

    [Fact]
    public void Compiles_only_the_failed_model_again()
    {
        _project.Add("a.onnx");
        var failing = _project.Add("b.onnx", ("Fake", "fail"));
        _project.Run();

        failing.RemoveMetadata("Fake");

        Assert.True(_project.Run());
        Assert.Equal(["a,b", "b"], _project.ToolStarts);
    }

    [Fact]
    public void Names_the_model_and_the_request_when_the_tool_crashes()
    {
        _project.Add("a.onnx");
        _project.Add("b.onnx", ("Fake", "crash"));

        Assert.False(_project.Run());

        var error = Assert.Single(_project.Engine.Errors);
        Assert.Equal(("OM9001", 4), (error.Code, error.LineNumber));
        Assert.Contains("exit code 139 before it finished 'b'", error.Message, StringComparison.Ordinal);
        Assert.Contains(Assert.Single(Directory.GetFiles(_project.Files.PathOf("obj"), "ModelCompiler.*.request.json")), error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Names_the_model_when_the_tool_reports_a_bug()
    {
        _project.Add("a.onnx", ("Fake", "bug"));

        Assert.False(_project.Run());

        Assert.All(_project.Engine.Errors, error => Assert.Equal("OM9001", error.Code));
        Assert.Contains(_project.Engine.Errors, error => error.Message!.Contains("exit code 70 before it finished 'a'", StringComparison.Ordinal));
    }

    [Fact]
    public void Does_not_believe_a_tool_that_leaves_nothing()
    {
        _project.Add("a.onnx", ("Fake", "forget"));

        Assert.False(_project.Run());

        var error = Assert.Single(_project.Engine.Errors);
        Assert.Equal("OM9001", error.Code);
        Assert.Contains("ended without an error before it finished 'a'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Says_where_it_looked_for_a_missing_tool()
    {
        _project.Add("a.onnx");
        var task = _project.NewTask();
        task.ToolAssembly = _project.Files.PathOf("nowhere/modelc.dll");

        Assert.False(task.Execute());

        var error = Assert.Single(_project.Engine.Errors);
        Assert.Equal(("OM6101", "file:///package/docs/diagnostics.md#om6101"), (error.Code, error.HelpLink));
        Assert.Contains("nowhere", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Refuses_two_items_of_one_name_at_the_second()
    {
        _project.Add("a.onnx");
        _project.Add("b.onnx", ("Name", "A"));

        Assert.False(_project.Run());

        var error = Assert.Single(_project.Engine.Errors);
        Assert.Equal(("OM2101", 4), (error.Code, error.LineNumber));
        Assert.Contains("'a.onnx' and 'b.onnx'", error.Message, StringComparison.Ordinal);
        Assert.Empty(_project.ToolStarts);
    }

    [Theory]
    [InlineData("../up")]
    [InlineData("a/b")]
    [InlineData("..")]
    [InlineData(" a")]
    public void Refuses_a_name_that_leaves_the_folder(string name)
    {
        _project.Add("a.onnx", ("Name", name));

        Assert.False(_project.Run());

        Assert.Equal("OM2102", Assert.Single(_project.Engine.Errors).Code);
    }

    [Fact]
    public void Cancelling_ends_the_tool_and_its_children()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The fake tool's child is a Unix program.");
        _project.Add("a.onnx", ("Fake", "hang"));
        var task = _project.NewTask();
        bool? result = null;
        var thread = new Thread(() => result = task.Execute());
        thread.Start();
        string pids = _project.Files.PathOf("hanging.pids");
        Assert.True(SpinWait.SpinUntil(() => File.Exists(pids), TimeSpan.FromSeconds(60)));

        task.Cancel();

        Assert.True(thread.Join(TimeSpan.FromSeconds(60)));
        Assert.False(result);
        Assert.Empty(_project.Engine.Errors);
        Assert.All(File.ReadAllText(pids).Split(' '), id => Assert.True(HasEnded(int.Parse(id, null)), id));
    }

    /// <summary>A killed child may stay in the table as a zombie until its parent's parent collects it.</summary>
    private static bool HasEnded(int id) => SpinWait.SpinUntil(
        () => !File.Exists($"/proc/{id}/stat") || File.ReadAllText($"/proc/{id}/stat").Split(") ").Last()[0] == 'Z',
        TimeSpan.FromSeconds(30));
}
