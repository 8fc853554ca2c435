namespace ModelCompiler.Runtime;

/// <summary>A line of ONNX Runtime's log.</summary>
/// <param name="Severity">How bad it is.</param>
/// <param name="Category">ONNX Runtime's category, mostly <c>onnxruntime</c>.</param>
/// <param name="Location">Source file and line.</param>
/// <param name="Text">What it says.</param>
public sealed record OrtLogMessage(LogSeverity Severity, string Category, string Location, string Text);
