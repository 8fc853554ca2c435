namespace ModelCompiler.Runtime;

/// <summary>Severity of ONNX Runtime's log lines, with its numbers.</summary>
public enum LogSeverity
{
    Verbose = 0,
    Info = 1,
    Warning = 2,
    Error = 3,
    Fatal = 4,
}
