using System.Runtime.InteropServices;
using ModelCompiler.Diagnostics;
using ModelCompiler.Runtime.Native;

namespace ModelCompiler.Runtime;

/// <summary>
/// Looks for what an execution provider needs. ONNX Runtime only hands on what the loader said of the first file that was missing; this names
/// all of them, where they were looked for, and what to install.
/// </summary>
internal static class ProviderInspection
{
    public static ProviderStatus Inspect(OrtLibrary library, IReadOnlyCollection<string> available, ProviderDescription description)
    {
        var libraries = LibrariesOf(library.Path, description);
        string[] missing = [.. libraries.Where(file => file.Exists).SelectMany(MissingFor).Concat(description.LinuxRequirements.Where(_ => OperatingSystem.IsLinux()).Where(name => !Loads(name))).Distinct()];
        return new ProviderStatus
        {
            Provider = description.Provider,
            IsInLibrary = available.Contains(description.RuntimeName),
            Libraries = libraries,
            MissingLibraries = missing,
            Diagnostic = NotInLibrary(library, available, description)
                ?? Mismatch(library, description, libraries)
                ?? NotThere(library, description, libraries)
                ?? Unloadable(description, missing),
        };
    }

    /// <summary>What must not even be tried: ONNX Runtime would crash, or say nothing useful.</summary>
    public static ProviderDiagnostic? Obstacle(OrtLibrary library, IReadOnlyCollection<string> available, ProviderDescription description) =>
        NotInLibrary(library, available, description) ?? Mismatch(library, description, LibrariesOf(library.Path, description));

    /// <summary>Why a library cannot be used: what it misses, or ONNX Runtime's own words.</summary>
    public static ProviderDiagnostic Explain(OrtLibrary library, IReadOnlyCollection<string> available, ProviderDescription description, string failure) =>
        Inspect(library, available, description).Diagnostic
            ?? new ProviderDiagnostic(DiagnosticTable.ProviderNotUsable, description.Provider, Reason(failure), description.Remedy);

    /// <summary>A failed check is reported as its source text, the words "was false", and then what it means.</summary>
    internal static string Reason(string failure)
    {
        const string Check = " was false. ";
        int end = failure.LastIndexOf(Check, StringComparison.Ordinal);
        return (end < 0 ? failure : failure[(end + Check.Length)..]).Trim().TrimEnd('.');
    }

    private static ProviderDiagnostic? NotInLibrary(OrtLibrary library, IReadOnlyCollection<string> available, ProviderDescription description)
    {
        if (available.Contains(description.RuntimeName))
        {
            return null;
        }

        string packages = description.Packages.Count > 0 ? $"Reference {string.Join(" or ", description.Packages)}, which has it" : description.Remedy.TrimEnd('.');
        return new ProviderDiagnostic(DiagnosticTable.ProviderNotInLibrary, library.Path, description.Provider, string.Join(", ", available), packages);
    }

    /// <summary>ONNX Runtime and its providers share tables of C++ functions: another version calls the wrong ones.</summary>
    private static ProviderDiagnostic? Mismatch(OrtLibrary library, ProviderDescription description, IReadOnlyList<ProviderLibrary> libraries) =>
        libraries.FirstOrDefault(file => file.Version is not null && file.Version != library.Version) is { } other
            ? new ProviderDiagnostic(DiagnosticTable.ProviderVersionMismatch, other.Path, other.Version, library.Path, library.Version, PackagesOf(description))
            : null;

    private static ProviderDiagnostic? NotThere(OrtLibrary library, ProviderDescription description, IReadOnlyList<ProviderLibrary> libraries) =>
        libraries.FirstOrDefault(file => !file.Exists) is { } absent
            ? new ProviderDiagnostic(
                DiagnosticTable.ProviderLibraryMissing, description.Provider, Path.GetFileName(absent.Path), Path.GetDirectoryName(library.Path), PackagesOf(description))
            : null;

    private static ProviderDiagnostic? Unloadable(ProviderDescription description, IReadOnlyList<string> missing) => missing.Count == 0
        ? null
        : new ProviderDiagnostic(DiagnosticTable.ProviderDependencyMissing, description.Provider, Listed(missing), description.Remedy);

    public static ProviderLibrary[] LibrariesOf(string libraryPath, ProviderDescription description) =>
        // Without a folder the operating system found ONNX Runtime, and nothing is known of what lies beside it.
        Path.GetDirectoryName(libraryPath) is { Length: > 0 } folder
            ? [.. description.Libraries.Select(name => LibraryAt(Path.Combine(folder, FileNameOf(name))))]
            : [];

    private static ProviderLibrary LibraryAt(string path)
    {
        bool exists = File.Exists(path);
        return new ProviderLibrary(path, exists, exists ? ProviderVersion.Of(path) : null);
    }

    private static string FileNameOf(string name) =>
        OperatingSystem.IsWindows() ? name + ".dll" : OperatingSystem.IsMacOS() ? $"lib{name}.dylib" : $"lib{name}.so";

    private static IEnumerable<string> MissingFor(ProviderLibrary library) => OperatingSystem.IsLinux()
        ? ElfFile.NeededLibraries(library.Path).Where(name => !File.Exists(Path.Combine(Path.GetDirectoryName(library.Path)!, name)) && !Loads(name))
        : [];

    private static bool Loads(string name) => NativeLibrary.TryLoad(name, out _);

    private static string PackagesOf(ProviderDescription description) => string.Join(" or ", description.Packages);

    private static string Listed(IReadOnlyList<string> names) =>
        names.Count == 1 ? names[0] : string.Join(", ", names.Take(names.Count - 1)) + " and " + names[^1];
}
