using ModelCompiler.Onnx;

namespace ModelCompiler.Tool.Settings;

/// <summary>Several settings are wrong; each error is for the user.</summary>
internal sealed class SettingsException(IReadOnlyList<CompilerException> errors) : Exception("Settings are wrong.")
{
    public IReadOnlyList<CompilerException> Errors { get; } = errors;
}
