using ModelCompiler.Onnx;
using ModelCompiler.Tests;
using ModelCompiler.Tool.Compilation;
using Xunit;

namespace ModelCompiler.Tool.Tests.Compilation;

public sealed class WorkingFolderTests : IDisposable
{
    private readonly Workspace _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Publishes_by_name_and_leaves_nothing_else()
    {
        _folder.Write("out/a.txt", "old");
        using (WorkingFolder working = WorkingFolder.Create(_folder.PathOf("out")))
        {
            working.Write("a.txt", "new");
            working.Write("b.txt", "not published");
            Assert.Equal("old", File.ReadAllText(_folder.PathOf("out/a.txt")));
            working.Publish("a.txt");
        }
        Assert.Equal("new", File.ReadAllText(_folder.PathOf("out/a.txt")));
        Assert.Equal(["a.txt"], Directory.EnumerateFileSystemEntries(_folder.PathOf("out")).Select(Path.GetFileName));
    }

    [Fact]
    public void A_run_that_publishes_nothing_leaves_no_folder()
    {
        using (WorkingFolder working = WorkingFolder.Create(_folder.PathOf("out"))) working.Write("a.txt", "not published");
        Assert.False(Directory.Exists(_folder.PathOf("out")));
        Directory.CreateDirectory(_folder.PathOf("mine"));
        WorkingFolder.Create(_folder.PathOf("mine")).Dispose();
        Assert.True(Directory.Exists(_folder.PathOf("mine")));
    }

    [Fact]
    public void Removes_what_a_killed_run_left_and_not_what_a_running_one_uses()
    {
        _folder.Write("out/.modelc-killed/model.onnx", "half");
        using WorkingFolder running = WorkingFolder.Create(_folder.PathOf("out"));
        running.Write("a.txt", "in use");
        using WorkingFolder working = WorkingFolder.Create(_folder.PathOf("out"));
        Assert.False(_folder.Has("out/.modelc-killed"));
        running.Publish("a.txt");
        Assert.True(_folder.Has("out/a.txt"));
    }

    [Fact]
    public void Finds_files_by_how_their_names_begin()
    {
        using WorkingFolder working = WorkingFolder.Create(_folder.PathOf("out"));
        foreach (string name in new[] { "m.onnx", "m.onnx.data", "m.onnx.a", "x.onnx.data" }) working.Write(name, "");
        Assert.Equal(["m.onnx.a", "m.onnx.data"], working.Files("m.onnx.").Select(Path.GetFileName));
        working.Publish("m.onnx", "m.onnx.a", "m.onnx.data");
        working.RemovePublished("m.onnx.", except: ["m.onnx.a"]);
        Assert.True(_folder.Has("out/m.onnx") && _folder.Has("out/m.onnx.a") && !_folder.Has("out/m.onnx.data"));
    }

    [Fact]
    public void Names_the_folder_that_cannot_be_made_or_written()
    {
        string file = _folder.Write("file", "in the way");
        Assert.Equal("OM6002", Assert.Throws<CompilerException>(() => WorkingFolder.Create(Path.Combine(file, "out"))).Code);
        Directory.CreateDirectory(_folder.PathOf("out/a.txt"));
        using WorkingFolder working = WorkingFolder.Create(_folder.PathOf("out"));
        working.Write("a.txt", "new");
        Assert.Equal("OM6002", Assert.Throws<CompilerException>(() => working.Publish("a.txt")).Code);
    }
}
