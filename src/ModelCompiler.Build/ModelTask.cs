using System.Diagnostics;
using System.Text;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;
using ModelCompiler.Diagnostics;
using ModelCompiler.Requests;

namespace ModelCompiler.Build;

/// <summary>
/// Starts <c>modelc</c> once for all <c>OptimizedModel</c> items that are not done, and not at all when there are none. ONNX Runtime
/// never enters the build's own process: it would stay loaded in every later build, and a native crash would take the build down.
/// </summary>
public abstract class ModelTask : ToolTask
{
    /// <summary>The items; paths in them start from the project's directory.</summary>
    [Required]
    public ITaskItem[] Models { get; set; } = [];

    /// <summary>Full path of the project.</summary>
    [Required]
    public string ProjectFile { get; set; } = "";

    /// <summary>Full path, ending in a separator, of the directory with a directory of outputs for each item.</summary>
    [Required]
    public string OutputRoot { get; set; } = "";

    /// <summary>
    /// Full path of the folder for requests to the tool. Each build has a file of its own, because several may run at once; one that
    /// fails keeps it, so that the problem can be repeated by hand.
    /// </summary>
    [Required]
    public string RequestFolder { get; set; } = "";

    /// <summary>Full path of <c>modelc.dll</c>.</summary>
    [Required]
    public string ToolAssembly { get; set; } = "";

    /// <summary>Full path of the same as a program of this platform; empty for none. Where it does not run, the assembly does.</summary>
    public string NativeProgram { get; set; } = "";

    /// <summary>The <c>dotnet</c> program that runs the assembly.</summary>
    [Required]
    public string DotNetHost { get; set; } = "";

    /// <summary>Namespace of the generated types whose items name none.</summary>
    public string RootNamespace { get; set; } = "";

    /// <summary>Full path of the page that explains the diagnostics; empty for none.</summary>
    public string HelpPage { get; set; } = "";

    /// <inheritdoc/>
    protected override string ToolName => Path.GetFileName(GenerateFullPathToTool());

    /// <inheritdoc/>
    protected override MessageImportance StandardOutputLoggingImportance => MessageImportance.High;

    /// <inheritdoc/>
    protected override MessageImportance StandardErrorLoggingImportance => MessageImportance.Normal;

    /// <inheritdoc/>
    protected override Encoding StandardOutputEncoding => Encoding.UTF8;

    /// <inheritdoc/>
    protected override Encoding StandardErrorEncoding => Encoding.UTF8;

    /// <summary>The items that the tool was started for, with their stamps.</summary>
    private protected List<(ModelItem Item, string Stamp)> Stale { get; private set; } = [];

    private protected string RequestFile { get; private set; } = "";

    /// <summary>Decided when there is something to do.</summary>
    private bool IsNative { get; set; }

    /// <inheritdoc/>
    protected override string GenerateFullPathToTool() => IsNative ? NativeProgram : DotNetHost;

    /// <inheritdoc/>
    protected override string GenerateCommandLineCommands()
    {
        var command = new CommandLineBuilder();
        if (!IsNative)
        {
            command.AppendFileNameIfNotNull(ToolAssembly);
        }

        command.AppendSwitch("build");
        command.AppendFileNameIfNotNull(RequestFile);
        return command.ToString();
    }

    /// <summary>The tool's diagnostics get their link; MSBuild's own reading of a line knows none.</summary>
    protected override void LogEventsFromTextOutput(string singleLine, MessageImportance messageImportance)
    {
        if (DiagnosticLine.Parse(singleLine) is { } diagnostic)
        {
            LogDiagnostic(diagnostic);
        }
        else
        {
            base.LogEventsFromTextOutput(singleLine, messageImportance);
        }
    }

    private protected void LogDiagnostic(DiagnosticLine diagnostic)
    {
        string? link = HelpLink.To(HelpPage, diagnostic.Code);
        if (diagnostic.IsError)
        {
            Log.LogError(null, diagnostic.Code, null, link, diagnostic.File, diagnostic.Line, diagnostic.Column, 0, 0, "{0}", diagnostic.Text);
        }
        else
        {
            Log.LogWarning(null, diagnostic.Code, null, link, diagnostic.File, diagnostic.Line, diagnostic.Column, 0, 0, "{0}", diagnostic.Text);
        }
    }

    private protected abstract bool IsDone(ModelItem item, string stamp);

    /// <summary>Adds what this task asks for.</summary>
    private protected abstract BuildRequest Complete(BuildRequest request);

    /// <summary>Each item with the stamp of what it is made from now.</summary>
    private protected List<(ModelItem Item, string Stamp)> Stamp(IEnumerable<ModelItem> items)
    {
        var stamps = new ItemStamp(ProjectFile, RootNamespace, ToolAssembly);
        return [.. items.Select(item => (Item: item, Stamp: stamps.Of(item)))];
    }

    /// <summary>Starts the tool for those that are not done.</summary>
    private protected bool RunTool(IEnumerable<(ModelItem Item, string Stamp)> items)
    {
        Stale = [.. items.Where(pair => !IsDone(pair.Item, pair.Stamp))];
        if (Stale.Count == 0)
        {
            return true;
        }

        IsNative = NativeRuns();
        RequestFile = Path.Combine(RequestFolder, $"ModelCompiler.{Guid.NewGuid():n}.request.json");
        Directory.CreateDirectory(RequestFolder);
        File.WriteAllText(RequestFile, BuildRequestFormat.Write(Complete(CreateRequest())));
        bool isDone = base.Execute();
        if (isDone)
        {
            File.Delete(RequestFile);
        }

        return isDone;
    }

    private protected IEnumerable<ModelItem> Unfinished() => Stale.Where(stale => !IsDone(stale.Item, stale.Stamp)).Select(stale => stale.Item);

    private bool NativeRuns()
    {
        if (NativeProgram.Length == 0)
        {
            return false;
        }

        string? refusal = NativeTool.Refusal(NativeProgram, ToolAssembly);
        if (refusal is not null)
        {
            Log.LogMessage(MessageImportance.Low, "{0} is used in place of {1}: {2}", ToolAssembly, NativeProgram, refusal);
        }

        return refusal is null;
    }

    private BuildRequest CreateRequest() => new()
    {
        ProjectFile = ProjectFile,
        RootNamespace = RootNamespace,
        ParentProcessId = Process.GetCurrentProcess().Id,
        Items = [.. Stale.Select(stale => stale.Item.ToRequest(stale.Stamp))],
    };
}
