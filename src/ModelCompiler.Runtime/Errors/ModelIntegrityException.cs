using ModelCompiler.Diagnostics;

namespace ModelCompiler.Runtime;

/// <summary>The files that a generated predictor belongs to are missing, were exchanged, or come from another version.</summary>
public sealed class ModelIntegrityException : ModelCompilerException
{
    internal ModelIntegrityException(DiagnosticDescriptor descriptor, params object?[] arguments)
        : base(descriptor, arguments)
    {
    }
}
