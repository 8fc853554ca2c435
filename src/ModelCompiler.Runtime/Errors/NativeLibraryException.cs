using System.Text;
using ModelCompiler.Diagnostics;
using ModelCompiler.Runtime.Native;

namespace ModelCompiler.Runtime;

/// <summary>ONNX Runtime's native library could not be loaded, or is too old.</summary>
public sealed class NativeLibraryException : ModelCompilerException
{
    private NativeLibraryException(DiagnosticDescriptor descriptor, IReadOnlyList<LoadAttempt> attempts, params object?[] arguments)
        : base(descriptor, arguments) => Attempts = attempts;

    /// <summary>The places that were tried, in order.</summary>
    public IReadOnlyList<LoadAttempt> Attempts { get; }

    internal static NativeLibraryException NotLoaded(IReadOnlyList<LoadAttempt> attempts)
    {
        var places = new StringBuilder("Tried");
        string separator = ": ";
        foreach (var attempt in attempts)
        {
            places.Append(separator).Append(attempt.Path).Append(" (").Append(attempt.Outcome).Append(')');
            separator = ", ";
        }

        return new(DiagnosticTable.NativeLibraryNotLoaded, attempts, places.Append('.'), LibraryLocator.PathVariable);
    }

    internal static NativeLibraryException TooOld(string path, string version, IReadOnlyList<LoadAttempt> attempts) => new(
        DiagnosticTable.NativeLibraryTooOld, attempts, path, version, OrtApi.MinimumVersion, LibraryLocator.PathVariable);
}

/// <summary>A place where the native library was looked for.</summary>
/// <param name="Path">The file, or the bare name where the operating system searched.</param>
/// <param name="Outcome">What came of it.</param>
public sealed record LoadAttempt(string Path, string Outcome);
