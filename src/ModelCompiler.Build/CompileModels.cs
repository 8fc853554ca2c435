using System.Diagnostics;
using System.Globalization;
using System.Text;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;
using ModelCompiler.Diagnostics;
using ModelCompiler.Requests;

namespace ModelCompiler.Build;

/// <summary>
/// Starts <c>modelc</c> once for all <c>OptimizedModel</c> items that are not up to date, and not at all when there
/// are none. ONNX Runtime never enters the build's own process: it would stay loaded in every later build, and a
/// native crash would take the build down.
/// </summary>
[MSBuildMultiThreadableTask]
public sealed class CompileModels : ToolTask
{
    private const int InternalErrorExitCode = 70;
    private const int FirstSignalExitCode = 128;

    /// <summary>Ours: the tool said that all is well, and an item is not done.</summary>
    private const int UnfinishedExitCode = -2;

    private List<(ModelItem Item, string Stamp)> _stale = [];
    private List<ModelItem> _items = [];
    private volatile bool _canceled;

    /// <summary>The items; paths in them start from the project's directory.</summary>
    [Required]
    public ITaskItem[] Models { get; set; } = [];

    /// <summary>Full path of the project.</summary>
    [Required]
    public string ProjectFile { get; set; } = "";

    /// <summary>Full path, ending in a separator, of the directory with a directory of outputs for each item.</summary>
    [Required]
    public string OutputRoot { get; set; } = "";

    /// <summary>Full path of the request that is handed to the tool; kept, so that a problem can be repeated by hand.</summary>
    [Required]
    public string RequestFile { get; set; } = "";

    /// <summary>Full path of <c>modelc.dll</c>.</summary>
    [Required]
    public string ToolAssembly { get; set; } = "";

    /// <summary>The <c>dotnet</c> program that runs the tool.</summary>
    [Required]
    public string DotNetHost { get; set; } = "";

    /// <summary>Namespace of the generated types whose items name none.</summary>
    public string RootNamespace { get; set; } = "";

    /// <inheritdoc/>
    protected override string ToolName => Path.GetFileName(DotNetHost);

    /// <inheritdoc/>
    protected override MessageImportance StandardOutputLoggingImportance => MessageImportance.High;

    /// <inheritdoc/>
    protected override MessageImportance StandardErrorLoggingImportance => MessageImportance.Normal;

    /// <inheritdoc/>
    protected override Encoding StandardOutputEncoding => Encoding.UTF8;

    /// <inheritdoc/>
    protected override Encoding StandardErrorEncoding => Encoding.UTF8;

    /// <inheritdoc/>
    public override bool Execute()
    {
        try
        {
            _items = [.. Models.Select(item => ModelItem.Read(item, ProjectFile, OutputRoot))];
            return CheckNames() && CheckExists(ToolAssembly, "ModelCompilerToolAssembly") && CompileStale();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            LogError(DiagnosticTable.BuildFilesUnusable, null, e.Message);
            return false;
        }
    }

    /// <inheritdoc/>
    public override void Cancel()
    {
        _canceled = true;
        base.Cancel();
    }

    /// <inheritdoc/>
    protected override string GenerateFullPathToTool() => DotNetHost;

    /// <inheritdoc/>
    protected override string GenerateCommandLineCommands()
    {
        var command = new CommandLineBuilder();
        command.AppendFileNameIfNotNull(ToolAssembly);
        command.AppendSwitch("build");
        command.AppendFileNameIfNotNull(RequestFile);
        return command.ToString();
    }

    /// <inheritdoc/>
    protected override int ExecuteTool(string pathToTool, string responseFileCommands, string commandLineCommands)
    {
        WriteRequest();
        int exitCode = base.ExecuteTool(pathToTool, responseFileCommands, commandLineCommands);
        return exitCode == 0 && Unfinished().Any() ? UnfinishedExitCode : exitCode;
    }

    /// <inheritdoc/>
    protected override bool HandleTaskExecutionErrors()
    {
        bool isKnown = ExitCode is > 0 and < FirstSignalExitCode and not InternalErrorExitCode;
        if (!_canceled && !(isKnown && Log.HasLoggedErrors))
        {
            LogCrash();
        }

        return false;
    }

    private bool CompileStale()
    {
        OutputDirectories.Prune(OutputRoot, _items);
        var stamps = new ItemStamp(ProjectFile, RootNamespace, ToolAssembly);
        _stale = [.. _items.Select(item => (Item: item, Stamp: stamps.Of(item))).Where(pair => !pair.Item.IsUpToDate(pair.Stamp))];
        return _stale.Count == 0 || (CheckExists(DotNetHost, "ModelCompilerDotNetHost") && base.Execute());
    }

    /// <summary>A name without a folder is looked for on the PATH.</summary>
    private bool CheckExists(string program, string property)
    {
        bool exists = !Path.IsPathRooted(program) || File.Exists(program);
        if (!exists)
        {
            LogError(DiagnosticTable.ToolNotFound, null, program, property);
        }

        return exists;
    }

    private bool CheckNames()
    {
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var item in _items)
        {
            if (!item.HasValidName)
            {
                LogError(DiagnosticTable.ItemNameInvalid, item, item.Name);
            }
            else if (!names.Add(item.Name))
            {
                LogError(DiagnosticTable.ItemNamesCollide, item, item.Name);
            }
        }

        return !Log.HasLoggedErrors;
    }

    private void WriteRequest()
    {
        var request = new BuildRequest
        {
            ProjectFile = ProjectFile,
            RootNamespace = RootNamespace,
            ParentProcessId = Process.GetCurrentProcess().Id,
            Items = [.. _stale.Select(stale => stale.Item.ToRequest(stale.Stamp))],
        };
        Directory.CreateDirectory(Path.GetDirectoryName(RequestFile)!);
        File.WriteAllText(RequestFile, BuildRequestFormat.Write(request));
    }

    private IEnumerable<ModelItem> Unfinished() => _stale.Where(stale => !stale.Item.IsUpToDate(stale.Stamp)).Select(stale => stale.Item);

    /// <summary>The tool reports its own errors, unless it was stopped by one that it could not catch.</summary>
    private void LogCrash()
    {
        var unfinished = Unfinished().ToList();
        string exit = ExitCode == UnfinishedExitCode ? "it ended without an error" : "it ended with exit code " + ExitCode.ToString(CultureInfo.InvariantCulture);
        string names = string.Join(", ", unfinished.Select(item => "'" + item.Name + "'"));
        LogError(DiagnosticTable.InternalError, unfinished.FirstOrDefault(), "modelc", exit + " before it finished " + names, RequestFile);
    }

    private void LogError(DiagnosticDescriptor descriptor, ModelItem? item, params object?[] arguments)
    {
        string file = item?.DefinedIn ?? ProjectFile;
        var (line, column) = item is null ? default : ItemLocator.Find(file, item.Include, item.Name);
        Log.LogError(null, descriptor.Id, null, file, line, column, 0, 0, "{0}", descriptor.Text(arguments));
    }
}
