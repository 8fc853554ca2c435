namespace ModelCompiler.Runtime;

/// <summary>An execution provider failed in a way that no later run recovers from, such as a device that was lost.</summary>
/// <param name="Provider">The provider.</param>
/// <param name="Reason">What ONNX Runtime or the device said.</param>
public sealed record ProviderFault(ExecutionProvider Provider, string Reason);
