using System.Text.Json.Serialization;
using ModelCompiler.Diagnostics;
using ModelCompiler.Onnx;
using ModelCompiler.Runtime;

namespace ModelCompiler.Tool.Terminal;

/// <summary>A diagnostic for the user: on a terminal, in a build's log and in JSON.</summary>
/// <param name="Code"><c>OM</c> and four digits.</param>
/// <param name="Severity"><c>error</c> or <c>warning</c>.</param>
/// <param name="Message">One line.</param>
internal sealed record Problem(string Code, string Severity, string Message)
{
    private const string Error = "error";

    /// <summary>A warning.</summary>
    public static Problem Warning(string code, string message) => new(code, "warning", OneLine(message));

    /// <summary>What an exception has to say. One that is no diagnostic is a bug of ours, and its details go to a file.</summary>
    /// <param name="exception">The exception.</param>
    /// <param name="what">What was being done.</param>
    public static Problem Of(Exception exception, string what) => exception switch
    {
        CompilerException e => new(e.Code, Error, OneLine(Located(e))),
        ModelCompilerException e => new(e.Code, Error, OneLine(e.Message)),
        OutOfMemoryException => new(DiagnosticTable.MemoryExhausted.Id, Error, DiagnosticTable.MemoryExhausted.Text()),
        // Of what no place in particular expects to fail, such as standard output on a full disk.
        IOException or UnauthorizedAccessException => new(DiagnosticTable.InputOutputFailed.Id, Error, OneLine(DiagnosticTable.InputOutputFailed.Text(Sentence(exception.Message)))),
        _ => Bug(exception, what),
    };

    /// <summary>The exit code that goes with it.</summary>
    [JsonIgnore]
    public int ExitCode => Severity == Error ? Terminal.ExitCode.Of(Code) : Terminal.ExitCode.Done;

    /// <summary>The line in the form that MSBuild and IDEs recognize: <c>origin: error OM1001: text</c>.</summary>
    public string ToString(string origin) => $"{origin}: {Severity} {Code}: {Message}";

    /// <summary>The file goes first where the message does not name it.</summary>
    private static string Located(CompilerException e) =>
        e.File is { } file && !e.Message.Contains(file, StringComparison.Ordinal) ? $"{file}: {e.Message}" : e.Message;

    private static string Sentence(string text) => text.TrimEnd().TrimEnd('.') + ".";

    private static Problem Bug(Exception exception, string what)
    {
        DiagnosticDescriptor descriptor = DiagnosticTable.InternalError;
        return new(descriptor.Id, Error, OneLine(descriptor.Text(what, exception.Message.TrimEnd('.'), CrashFile.Write(exception, what))));
    }

    /// <summary>Names out of a model could bring line ends, and with them lines that look like diagnostics of their own.</summary>
    private static string OneLine(string text) => string.Concat(text.Select(c => char.IsControl(c) || c is '\u2028' or '\u2029' ? ' ' : c));
}
