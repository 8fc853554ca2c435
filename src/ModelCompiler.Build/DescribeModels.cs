using Microsoft.Build.Framework;
using ModelCompiler.Requests;

namespace ModelCompiler.Build;

/// <summary>
/// Finds a manifest for each item of a design-time build: the compiled one where it is up to date, else one of the signature alone, which the tool makes without
/// optimizing anything and without ONNX Runtime. It fails no build: what is wrong is for the next real build to say.
/// </summary>
[MSBuildMultiThreadableTask]
public sealed class DescribeModels : ModelTask
{
    /// <summary>An IDE waits for this.</summary>
    private const int SecondsForAll = 20;

    /// <summary>The manifest of each item that has one.</summary>
    [Output]
    public ITaskItem[] Manifests { get; private set; } = [];

    /// <inheritdoc/>
    protected override MessageImportance StandardOutputLoggingImportance => MessageImportance.Low;

    /// <inheritdoc/>
    public override bool Execute()
    {
        try
        {
            // Of two items with one name, the real build accepts neither.
            var items = Stamp(Models.Select(item => ModelItem.Read(item, ProjectFile, OutputRoot))
                .Where(item => item.HasValidName).GroupBy(item => item.Name, StringComparer.OrdinalIgnoreCase).Select(group => group.First()));
            RunTool(items);
            Manifests = [.. items.Select(pair => pair.Item.ManifestFor(pair.Stamp)).Where(path => path is not null).Select(path => new Microsoft.Build.Utilities.TaskItem(path!))];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Log.LogMessage(MessageImportance.Low, "The models were not described: {0}", e.Message);
        }

        return true;
    }

    /// <inheritdoc/>
    protected override bool HandleTaskExecutionErrors() => true;

    private protected override bool IsDone(ModelItem item, string stamp) => item.IsUpToDate(stamp) || item.IsDescribed(stamp);

    private protected override BuildRequest Complete(BuildRequest request) => request with { IsDesignTime = true, Timeout = SecondsForAll };
}
