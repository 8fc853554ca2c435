using ModelCompiler.Diagnostics;

namespace ModelCompiler.Runtime;

/// <summary>What this machine has of an execution provider, found out without starting it.</summary>
public sealed record ProviderStatus
{
    public required ExecutionProvider Provider { get; init; }

    /// <summary>Whether ONNX Runtime's library was built with it.</summary>
    public required bool IsInLibrary { get; init; }

    /// <summary>Its own libraries, where ONNX Runtime looks for them.</summary>
    public IReadOnlyList<ProviderLibrary> Libraries { get; init; } = [];

    /// <summary>Libraries of drivers and frameworks that it needs and that the system's loader does not find.</summary>
    public IReadOnlyList<string> MissingLibraries { get; init; } = [];

    /// <summary>What is missing and what to do; null where nothing is found to be missing, which is no proof that it works.</summary>
    public string? Problem => Diagnostic is { } diagnostic ? diagnostic.Descriptor.Text(diagnostic.Arguments) : null;

    /// <summary>The id of the diagnostic; null without <see cref="Problem"/>.</summary>
    public string? Code => Diagnostic?.Descriptor.Id;

    internal ProviderDiagnostic? Diagnostic { get; init; }
}

/// <summary>A diagnostic and what its text names.</summary>
internal sealed record ProviderDiagnostic(DiagnosticDescriptor Descriptor, params object?[] Arguments);
