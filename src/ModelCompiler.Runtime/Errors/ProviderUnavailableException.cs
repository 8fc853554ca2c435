using ModelCompiler.Diagnostics;

namespace ModelCompiler.Runtime;

/// <summary>An execution provider was asked for and cannot be used here.</summary>
public sealed class ProviderUnavailableException : ModelCompilerException
{
    internal ProviderUnavailableException(ExecutionProvider provider, DiagnosticDescriptor descriptor, params object?[] arguments)
        : base(descriptor, arguments) => Provider = provider;

    /// <summary>The provider that was asked for.</summary>
    public ExecutionProvider Provider { get; }
}
