namespace ModelCompiler.Runtime;

/// <summary>A line of ONNX Runtime's log.</summary>
/// <param name="Severity">How bad it is.</param>
/// <param name="Category">ONNX Runtime's category, mostly <c>onnxruntime</c>.</param>
/// <param name="Location">Source file and line.</param>
/// <param name="Text">What it says.</param>
public sealed record OrtLogMessage(LogSeverity Severity, string Category, string Location, string Text)
{
    /// <summary>The category of lines that are not ONNX Runtime's but ours.</summary>
    public const string OwnCategory = "ModelCompiler";
}
