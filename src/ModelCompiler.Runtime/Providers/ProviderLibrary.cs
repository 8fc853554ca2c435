namespace ModelCompiler.Runtime;

/// <summary>A library of an execution provider, where ONNX Runtime looks for it.</summary>
/// <param name="Path">The file.</param>
/// <param name="Exists">Whether it is there.</param>
/// <param name="Version">The version of ONNX Runtime that it was built for; null where the file does not say.</param>
public sealed record ProviderLibrary(string Path, bool Exists, string? Version);
