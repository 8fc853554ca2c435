using System.CommandLine;
using ModelCompiler.Tool.Commands;
using ModelCompiler.Tool.Settings;
using ModelCompiler.Tool.Terminal;

namespace ModelCompiler.Tool;

/// <summary><c>modelc</c>: the engine of the build, and a program for people.</summary>
internal static class Program
{
    private const string JsonOption = "--json";

    public static async Task<int> Main(string[] args)
    {
        // Names out of models and projects are Unicode, whatever the system's code page is.
        Console.OutputEncoding = System.Text.Encoding.UTF8;
        return await Run(args, Console.Out, Console.Error);
    }

    /// <summary>Runs a command line.</summary>
    /// <param name="args">The arguments.</param>
    /// <param name="output">Results.</param>
    /// <param name="error">Progress and problems.</param>
    /// <param name="cancellationToken">Stops as Ctrl-C does.</param>
    /// <returns>An <see cref="ExitCode"/>.</returns>
    public static async Task<int> Run(string[] args, TextWriter output, TextWriter error, CancellationToken cancellationToken = default)
    {
        var streams = new Streams(output, error);
        ParseResult parsed = CreateRoot(streams).Parse(args);
        if (parsed.Errors.Count > 0)
        {
            foreach (var problem in parsed.Errors) await error.WriteLineAsync($"modelc: {problem.Message}");
            foreach (string token in parsed.UnmatchedTokens.Where(token => token.StartsWith('-')))
                if (NearestName.Find(token, parsed.CommandResult.Command.Options.Select(option => option.Name)) is { } name) await error.WriteLineAsync($"Did you mean '{name}'?");
            await error.WriteLineAsync("Run 'modelc --help', or 'modelc <command> --help'.");
            return ExitCode.Usage;
        }
        try
        {
            var configuration = new InvocationConfiguration { Output = output, Error = error, EnableDefaultExceptionHandler = false };
            return await parsed.InvokeAsync(configuration, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            await error.WriteLineAsync("modelc: cancelled");
            return ExitCode.Cancelled;
        }
        catch (Exception e)
        {
            IReadOnlyList<Problem> problems = ErrorReporter.ProblemsOf(e, $"'modelc {string.Join(' ', args)}'");
            ErrorReporter.Write(problems, "modelc", error);
            try
            {
                if (args.Contains(JsonOption)) await output.WriteAsync(JsonText.Of(new Failure(problems)));
            }
            catch (IOException)
            {
                // It is what failed in the first place.
            }
            return ErrorReporter.ExitCodeOf(problems);
        }
    }

    private static RootCommand CreateRoot(Streams streams) => new("Compiles ONNX models for .NET programs: smaller and faster, and proven to answer like the original.")
    {
        CompileCommand.Create(streams),
        InspectCommand.Create(streams),
        BenchCommand.Create(streams),
        CompareCommand.Create(streams),
        DoctorCommand.Create(streams),
        BisectCommand.Create(streams),
        ProfileCommand.Create(streams),
        TuneCommand.Create(streams),
        VerifyCommand.Create(streams),
        BuildCommand.Create(streams),
    };

    /// <summary>The JSON document of a command that failed.</summary>
    internal sealed record Failure(IReadOnlyList<Problem> Diagnostics);
}
