using System.Text.RegularExpressions;
using ModelCompiler.Diagnostics;

namespace ModelCompiler.Runtime;

/// <summary>A call into ONNX Runtime failed.</summary>
public sealed partial class OnnxRuntimeException : ModelCompilerException
{
    internal OnnxRuntimeException(OrtErrorCode errorCode, string message)
        : base(DiagnosticTable.OnnxRuntimeFailed, Clean(message)) => ErrorCode = errorCode;

    /// <summary>ONNX Runtime's own code.</summary>
    public OrtErrorCode ErrorCode { get; }

    /// <summary>
    /// ONNX Runtime puts the C++ source location before what it has to say, as in
    /// <c>/build/core/graph/model.cc:181 onnxruntime::Model::Model(...) Unsupported model IR version: 99</c>.
    /// </summary>
    internal static string Clean(string message)
    {
        int end = message.IndexOf('\0', StringComparison.Ordinal);
        string text = (end < 0 ? message : message[..end]).Replace("\r", "", StringComparison.Ordinal).Replace('\n', ' ').Trim();
        if (SourceLocation().Match(text) is { Success: true } location)
        {
            text = text[location.Length..];
        }

        return text.Length == 0 ? "an error without a message" : text;
    }

    [GeneratedRegex(@"^\S*\.(cc|h|cpp):\d+ ([\w:~<>*&, ]+\(([^()]|\([^()]*\))*\)( const)? )?")]
    private static partial Regex SourceLocation();
}
