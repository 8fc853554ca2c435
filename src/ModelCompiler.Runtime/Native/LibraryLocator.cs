using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace ModelCompiler.Runtime.Native;

/// <summary>Where ONNX Runtime's library may be, best first.</summary>
internal static class LibraryLocator
{
    /// <summary>The environment variable with the full path of the library to use, and no other.</summary>
    public const string PathVariable = "MODELCOMPILER_ONNXRUNTIME";

    /// <summary>The same as an AppContext value, for <c>runtimeconfig.json</c>.</summary>
    public const string PathSwitch = "ModelCompiler.OnnxRuntimePath";

    /// <summary>The path that was set explicitly, or null.</summary>
    public static string? ExplicitPath =>
        Environment.GetEnvironmentVariable(PathVariable) is { Length: > 0 } variable ? variable : AppContext.GetData(PathSwitch) as string;

    /// <summary>The file name: the same in every flavour of ONNX Runtime.</summary>
    public static string FileName =>
        OperatingSystem.IsWindows() ? "onnxruntime.dll" : OperatingSystem.IsMacOS() ? "libonnxruntime.dylib" : "libonnxruntime.so";

    /// <summary>Bare names for the operating system's own search; a distribution's package has the soname only.</summary>
    public static string[] SystemNames => OperatingSystem.IsLinux() ? [FileName, FileName + ".1"] : [FileName];

    public static string RuntimeIdentifier
    {
        get
        {
            string system = OperatingSystem.IsWindows() ? "win" : OperatingSystem.IsMacOS() ? "osx" : "linux";
            return $"{system}-{RuntimeInformation.ProcessArchitecture}".ToLowerInvariant();
        }
    }

    /// <summary>
    /// Files in the folders where .NET puts native libraries: <c>runtimes/&lt;rid&gt;/native</c> and the folder itself,
    /// beside this assembly and beside the program, then where the host looks (packages of a program that is not published).
    /// </summary>
    public static IEnumerable<string> Files()
    {
        string native = Path.Combine("runtimes", RuntimeIdentifier, "native");
        string[] programs = [AssemblyDirectory(), AppContext.BaseDirectory];
        string hosts = AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") as string ?? "";
        return programs.SelectMany(folder => new[] { Path.Combine(folder, native), folder })
            .Concat(hosts.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries))
            .Select(folder => Path.GetFullPath(Path.Combine(folder, FileName)))
            .Distinct();
    }

    [UnconditionalSuppressMessage("SingleFile", "IL3000", Justification = "Empty in a single file, where the base directory serves.")]
    private static string AssemblyDirectory() =>
        Path.GetDirectoryName(typeof(LibraryLocator).Assembly.Location) is { Length: > 0 } folder ? folder : AppContext.BaseDirectory;
}
