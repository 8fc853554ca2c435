using ModelCompiler.Tool.Settings;

namespace ModelCompiler.Tool.Terminal;

/// <summary>Turns exceptions into lines for the user and an exit code.</summary>
internal static class ErrorReporter
{
    /// <summary>The problems that an exception stands for.</summary>
    /// <param name="exception">What was thrown.</param>
    /// <param name="what">What was being done, for bugs of ours, whose details are written to a file.</param>
    public static IReadOnlyList<Problem> ProblemsOf(Exception exception, string what) => exception is SettingsException settings
        ? [.. settings.Errors.Select(error => Problem.Of(error, what))]
        : [Problem.Of(exception, what)];

    /// <summary>Writes a line for each problem.</summary>
    /// <param name="problems">What is wrong.</param>
    /// <param name="origin">What a line begins with: the program, or a place in a project file.</param>
    /// <param name="writer">Where to.</param>
    public static void Write(IReadOnlyList<Problem> problems, string origin, TextWriter writer)
    {
        foreach (Problem problem in problems) writer.WriteLine(problem.ToString(origin));
    }

    /// <summary>The exit code for all of them.</summary>
    public static int ExitCodeOf(IReadOnlyList<Problem> problems) => problems.Max(problem => problem.ExitCode);
}
