using System.CommandLine;
using ModelCompiler.Diagnostics;
using ModelCompiler.Json;
using ModelCompiler.Onnx;
using ModelCompiler.Requests;
using ModelCompiler.Tool.Compilation;
using ModelCompiler.Tool.Reports;
using ModelCompiler.Tool.Settings;
using ModelCompiler.Tool.Terminal;

namespace ModelCompiler.Tool.Commands;

/// <summary><c>modelc build</c>: compiles the stale items of a project for the MSBuild task, which reads the log.</summary>
internal sealed class BuildCommand(Streams streams)
{
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
        using var parent = new ParentWatch(request.ParentProcessId, cancellationToken);
        int exitCode = ExitCode.Done;
        // One model's error does not hide the next one's: the user sees all of them in one build.
        foreach (BuildRequestItem item in request.Items) exitCode = Math.Max(exitCode, Run(request, item, parent.Token));
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

    private int Run(BuildRequest request, BuildRequestItem item, CancellationToken cancellationToken)
    {
        try
        {
            var errors = new List<CompilerException>();
            ItemSettings settings = SettingReader.Read(item.Metadata, Path.GetDirectoryName(request.ProjectFile) ?? "", errors);
            if (errors.Count > 0) throw new SettingsException(errors);
            var compilation = new ModelCompilation
            {
                Source = item.Model,
                Name = item.Name,
                OutputDirectory = item.OutputDirectory,
                Settings = settings,
                RootNamespace = request.RootNamespace,
                Stamp = item.Stamp,
            };
            CompileReport report = compilation.Run(streams.Progress(item.Name + ": "), cancellationToken);
            foreach (Problem warning in report.Diagnostics) streams.Output.WriteLine(warning.ToString(item.Origin));
            streams.Output.WriteLine(Summary(report));
            return ExitCode.Done;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            IReadOnlyList<Problem> problems = ErrorReporter.ProblemsOf(e, $"the build of '{item.Name}'");
            ErrorReporter.Write(problems, item.Origin, streams.Output);
            return ErrorReporter.ExitCodeOf(problems);
        }
    }

    private static string Summary(CompileReport report)
    {
        string accuracy = report.Accuracy is { } share ? $", accuracy {Figures.Percent(share.A)} -> {Figures.Percent(share.B)}" : "";
        string latency = report.LatencyRatio is { } ratio ? $", latency ratio {Figures.Ratio(ratio)}" : "";
        return $"{report.Name}: {report.Precision}, {Figures.Bytes(report.SourceBytes)} -> {Figures.Bytes(report.Bytes)}{accuracy}{latency}";
    }
}
