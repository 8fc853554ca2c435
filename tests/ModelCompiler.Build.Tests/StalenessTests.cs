using ModelCompiler.Tests;
using Xunit;

namespace ModelCompiler.Build.Tests;

/// <summary>Each change compiles exactly the models that it concerns.</summary>
public sealed class StalenessTests : IDisposable
{
    private readonly TaskProject _project = new();

    public StalenessTests()
    {
        _project.Files.Write("data/a.npz", "samples");
        _project.Files.Write("folder/inner/one.npy", "sample");
        _project.Files.Write("b.onnx.data", "weights");
        _project.Add("a.onnx", ("Calibration", "data/a.npz"), ("Evaluation", "folder"));
        _project.Add("b.onnx");
        Assert.True(_project.Run());
    }

    public void Dispose() => _project.Dispose();

    [Theory]
    [InlineData("a.onnx", "a")]
    [InlineData("b.onnx", "b")]
    [InlineData("data/a.npz", "a")]
    [InlineData("folder/inner/one.npy", "a")]
    [InlineData("b.onnx.data", "b")]
    public void Touching_an_input_compiles_its_model_alone(string file, string expected)
    {
        _project.Files.Touch(file);

        Assert.Equal(expected, CompiledByNextRun());
        Assert.Null(CompiledByNextRun());
    }

    [Theory]
    [InlineData("obj/models/a/a.onnx")]
    [InlineData("obj/models/a/a.model.json")]
    [InlineData("obj/models/a/a.stamp")]
    public void Deleting_an_output_restores_it(string output)
    {
        File.Delete(_project.Files.PathOf(output));

        Assert.Equal("a", CompiledByNextRun());
        Assert.True(File.Exists(_project.Files.PathOf(output)));
    }

    [Fact]
    public void A_new_file_in_a_folder_of_samples_compiles_the_model()
    {
        _project.Files.Write("folder/two.npy", "sample");

        Assert.Equal("a", CompiledByNextRun());
    }

    [Fact]
    public void A_plan_beside_the_model_compiles_it()
    {
        _project.Files.Write("b.plan.json", "{}");

        Assert.Equal("b", CompiledByNextRun());
    }

    [Fact]
    public void Changed_metadata_compiles_that_model_alone()
    {
        var task = _project.NewTask();
        task.Models[1].SetMetadata("Precision", "Int8");

        Assert.True(task.Execute());

        Assert.Equal(["a,b", "b"], _project.ToolStarts);
    }

    [Fact]
    public void Another_default_namespace_compiles_all()
    {
        var task = _project.NewTask();
        task.RootNamespace = "Other";

        Assert.True(task.Execute());

        Assert.Equal(["a,b", "a,b"], _project.ToolStarts);
    }

    [Fact]
    public void Another_tool_compiles_all()
    {
        string tool = _project.Files.PathOf("tool");
        Directory.CreateDirectory(tool);
        foreach (string file in Directory.GetFiles(Path.GetDirectoryName(DotNet.BuildFact("FakeTool"))!))
        {
            File.Copy(file, Path.Combine(tool, Path.GetFileName(file)));
        }

        Assert.True(RunWith(tool));
        Assert.True(RunWith(tool));
        File.SetLastWriteTimeUtc(Path.Combine(tool, "fake-modelc.dll"), DateTime.UtcNow.AddMinutes(1));
        Assert.True(RunWith(tool));

        Assert.Equal(["a,b", "a,b", "a,b"], _project.ToolStarts);
    }

    [Fact]
    public void Outputs_of_a_removed_item_go_and_other_files_stay()
    {
        var extra = _project.Add("c.onnx");
        _project.Run();
        _project.Files.Write("obj/models/foreign/note.txt", "not ours");

        _project.Remove(extra);

        Assert.Null(CompiledByNextRun());
        Assert.False(Directory.Exists(_project.Files.PathOf("obj/models/c")));
        Assert.True(File.Exists(_project.Files.PathOf("obj/models/a/a.onnx")));
        Assert.True(File.Exists(_project.Files.PathOf("obj/models/foreign/note.txt")));
    }

    private bool RunWith(string toolDirectory)
    {
        var task = _project.NewTask();
        task.ToolAssembly = Path.Combine(toolDirectory, "fake-modelc.dll");
        return task.Execute();
    }

    /// <summary>The models that the tool was started for, or null when it was not started.</summary>
    private string? CompiledByNextRun()
    {
        int before = _project.ToolStarts.Length;
        Assert.True(_project.Run());
        return _project.ToolStarts.Skip(before).SingleOrDefault();
    }
}
