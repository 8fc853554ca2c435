using ModelCompiler.Diagnostics;

namespace ModelCompiler.Runtime;

/// <summary>A request, stream or prepared run was used by a second thread while it ran.</summary>
public sealed class OverlappingRunException : ModelCompilerException
{
    internal OverlappingRunException(string owner)
        : base(DiagnosticTable.RunsOverlap, owner)
    {
    }
}
