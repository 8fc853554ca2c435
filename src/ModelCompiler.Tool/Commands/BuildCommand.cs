using System.CommandLine;
using ModelCompiler.Diagnostics;
using ModelCompiler.Json;
using ModelCompiler.Onnx;
using ModelCompiler.Requests;
using ModelCompiler.Tool.Caching;
using ModelCompiler.Tool.Compilation;
using ModelCompiler.Tool.Settings;
using ModelCompiler.Tool.Terminal;

namespace ModelCompiler.Tool.Commands;

/// <summary><c>modelc build</c>: compiles the stale items of a project for the MSBuild task, which reads the log.</summary>
internal sealed class BuildCommand(Streams streams)
{
    private const long MiB = 1 << 20;

    private static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(4);

    private readonly Argument<string> _request = new("request") { Description = "The file that the MSBuild task wrote." };

    public static Command Create(Streams streams) => new BuildCommand(streams).Create();

    private Command Create()
    {
        var command = new Command("build", "Compiles the models of a project; started by its build.") { _request };
        command.Hidden = true;
        command.SetAction((result, cancellationToken) => Task.FromResult(Run(result.GetRequiredValue(_request), cancellationToken)));
        return command;
    }

    private int Run(string path, CancellationToken cancellationToken)
    {
        BuildRequest request = Read(path);
        using var watch = new BuildWatch(request, streams.Output, cancellationToken);
        int exitCode = ExitCode.Done;
        // One model's error does not hide the next one's: the user sees all of them in one build.
        foreach (BuildRequestItem item in request.Items)
        {
            watch.Origin = item.Origin;
            exitCode = Math.Max(exitCode, request.IsDesignTime ? Describe(request, item) : Run(request, item, watch));
            if (watch.Exceeded is not null) break;
        }
        return exitCode;
    }

    private static BuildRequest Read(string path)
    {
        try
        {
            return BuildRequestFormat.Read(File.ReadAllText(path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonFormatException)
        {
            throw DiagnosticTable.RequestInvalid.ErrorIn(path, path, e.Message.TrimEnd('.'));
        }
    }

    private int Run(BuildRequest request, BuildRequestItem item, BuildWatch watch)
    {
        IProgress<string> beats = streams.Progress(item.Name + ": ", isResult: true);
        using var progress = new Heartbeat(streams.Progress(item.Name + ": "), beats, LongestSilence);
        try
        {
            ItemResult result = new ItemBuild(Compilation(request, item), Cache(request, progress), progress).Run(watch.Token);
            foreach (Problem warning in result.Warnings) streams.Output.WriteLine(warning.ToString(item.Origin));
            streams.Output.WriteLine(result.Summary);
            return ExitCode.Done;
        }
        catch (OperationCanceledException) when (watch.Exceeded is { } excess)
        {
            return Report(excess, item);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            return Report(e, item);
        }
    }

    /// <summary>What is wrong is said by the next real build: at design time it may be half typed.</summary>
    private int Describe(BuildRequest request, BuildRequestItem item)
    {
        try
        {
            Compilation(request, item).Describe(streams.Progress(item.Name + ": "));
        }
        catch (Exception e) when (e is CompilerException or SettingsException or IOException or UnauthorizedAccessException)
        {
            streams.Error.WriteLine($"{item.Name}: not described: {e.Message}");
        }
        return ExitCode.Done;
    }

    private int Report(Exception exception, BuildRequestItem item)
    {
        IReadOnlyList<Problem> problems = ErrorReporter.ProblemsOf(exception, $"the build of '{item.Name}'");
        ErrorReporter.Write(problems, item.Origin, streams.Output);
        return ErrorReporter.ExitCodeOf(problems);
    }

    private static ModelCompilation Compilation(BuildRequest request, BuildRequestItem item)
    {
        var errors = new List<CompilerException>();
        ItemSettings settings = SettingReader.Read(item.Metadata, ProjectFolder(request), errors);
        if (errors.Count > 0) throw new SettingsException(errors);
        return new ModelCompilation
        {
            Source = item.Model,
            Name = item.Name,
            OutputDirectory = item.OutputDirectory,
            Settings = settings,
            RootNamespace = request.RootNamespace,
            Stamp = item.Stamp,
        };
    }

    private static CompilationCache? Cache(BuildRequest request, IProgress<string> progress) =>
        CacheLocation.Of(request.Cache, ProjectFolder(request)) is { } folder ? new CompilationCache(folder, request.CacheLimit * MiB, progress) : null;

    private static string ProjectFolder(BuildRequest request) => Path.GetDirectoryName(request.ProjectFile) ?? "";
}
