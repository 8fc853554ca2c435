using System.Globalization;
using Microsoft.Build.Framework;
using ModelCompiler.Diagnostics;
using ModelCompiler.Requests;

namespace ModelCompiler.Build;

/// <summary>Brings the compiled models of a project up to date.</summary>
[MSBuildMultiThreadableTask]
public sealed class CompileModels : ModelTask
{
    private const int InternalErrorExitCode = 70;
    private const int FirstSignalExitCode = 128;

    /// <summary>Ours: the tool said that all is well, and an item is not done.</summary>
    private const int UnfinishedExitCode = -2;

    private List<ModelItem> _items = [];
    private volatile bool _canceled;

    /// <summary>Folder of the cache of compiled models; empty for the user's, <c>false</c> for none.</summary>
    public string Cache { get; set; } = "";

    /// <summary>Size that the cache is kept to, in MiB.</summary>
    public int CacheLimit { get; set; } = BuildRequest.DefaultCacheLimit;

    /// <summary>Seconds that the models may take together; 0 for no limit.</summary>
    public int TimeLimit { get; set; }

    /// <summary>MiB that the tool may hold in memory; 0 for no limit.</summary>
    public int MemoryLimit { get; set; }

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
    protected override int ExecuteTool(string pathToTool, string responseFileCommands, string commandLineCommands)
    {
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

    private protected override bool IsDone(ModelItem item, string stamp) => item.IsUpToDate(stamp);

    private protected override BuildRequest Complete(BuildRequest request) => request with
    {
        Cache = Cache,
        CacheLimit = CacheLimit,
        Timeout = TimeLimit,
        MemoryLimit = MemoryLimit,
    };

    private bool CompileStale()
    {
        OutputDirectories.Prune(OutputRoot, _items);
        var (done, stale) = (new List<ModelItem>(), new List<(ModelItem, string)>());
        foreach (var pair in Stamp(_items))
        {
            if (IsDone(pair.Item, pair.Stamp)) done.Add(pair.Item);
            else stale.Add(pair);
        }

        RepeatWarnings(done);
        return stale.Count == 0 || (CheckExists(DotNetHost, "ModelCompilerDotNetHost") && RunTool(stale));
    }

    private void RepeatWarnings(List<ModelItem> items)
    {
        foreach (var item in items)
        {
            foreach (var (code, text) in item.Warnings()) LogItem(item, code, text, isError: false);
        }
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
        var names = new Dictionary<string, ModelItem>(StringComparer.OrdinalIgnoreCase);
        foreach (var item in _items)
        {
            if (!item.HasValidName)
            {
                LogError(DiagnosticTable.ItemNameInvalid, item, item.Name);
            }
            else if (names.TryGetValue(item.Name, out var other))
            {
                LogError(DiagnosticTable.ItemNamesCollide, item, item.Name, other.Include, item.Include);
            }
            else
            {
                names.Add(item.Name, item);
            }
        }

        return !Log.HasLoggedErrors;
    }

    /// <summary>The tool reports its own errors, unless it was stopped by one that it could not catch.</summary>
    private void LogCrash()
    {
        var unfinished = Unfinished().ToList();
        string exit = ExitCode == UnfinishedExitCode ? "it ended without an error" : "it ended with exit code " + ExitCode.ToString(CultureInfo.InvariantCulture);
        string names = string.Join(", ", unfinished.Select(item => "'" + item.Name + "'"));
        LogError(DiagnosticTable.InternalError, unfinished.FirstOrDefault(), "modelc", exit + " before it finished " + names, RequestFile);
    }

    private void LogError(DiagnosticDescriptor descriptor, ModelItem? item, params object?[] arguments) =>
        LogItem(item, descriptor.Id, descriptor.Text(arguments), isError: true);

    private void LogItem(ModelItem? item, string code, string text, bool isError)
    {
        string file = item?.DefinedIn ?? ProjectFile;
        var (line, column) = item is null ? default : ItemLocator.Find(file, item.Include, item.Name);
        LogDiagnostic(new DiagnosticLine(file, line, column, isError, code, text));
    }
}
