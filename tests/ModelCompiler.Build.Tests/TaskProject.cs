using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;
using ModelCompiler.Tests;

namespace ModelCompiler.Build.Tests;

/// <summary>A project directory with models, and runs of the task over it with the fake tool.</summary>
internal sealed class TaskProject : IDisposable
{
    private readonly Workspace _workspace = new();
    private readonly List<TaskItem> _items = [];

    public TaskProject() => _workspace.Write("App.csproj", "<Project>\n  <ItemGroup>\n    <OptimizedModel Include=\"a.onnx\" />\n    <OptimizedModel Include=\"b.onnx\" />\n  </ItemGroup>\n</Project>\n");

    public RecordingEngine Engine { get; private set; } = new();

    public Workspace Files => _workspace;

    /// <summary>The names of the models of each start of the tool, a line each.</summary>
    public string[] ToolStarts => File.Exists(_workspace.PathOf("tool.log")) ? File.ReadAllLines(_workspace.PathOf("tool.log")) : [];

    public TaskItem Add(string model, params (string Name, string Value)[] metadata)
    {
        if (!File.Exists(_workspace.PathOf(model)))
        {
            _workspace.Write(model, "model " + model);
        }

        var item = new TaskItem(model);
        foreach (var (name, value) in metadata)
        {
            item.SetMetadata(name, value);
        }

        _items.Add(item);
        return item;
    }

    public void Remove(TaskItem item) => _items.Remove(item);

    public CompileModels NewTask()
    {
        Engine = new RecordingEngine();
        return new CompileModels
        {
            BuildEngine = Engine,
            Models = [.. _items.Cast<ITaskItem>()],
            ProjectFile = _workspace.PathOf("App.csproj"),
            OutputRoot = _workspace.PathOf("obj/models/"),
            RequestFolder = _workspace.PathOf("obj"),
            RootNamespace = "App",
            ToolAssembly = DotNet.BuildFact("FakeTool"),
            DotNetHost = DotNet.Host,
            HelpPage = "/package/docs/diagnostics.md",
        };
    }

    public bool Run() => NewTask().Execute();

    public void Dispose() => _workspace.Dispose();
}
