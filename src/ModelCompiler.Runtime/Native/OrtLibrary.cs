using System.Globalization;
using System.Runtime.InteropServices;

namespace ModelCompiler.Runtime.Native;

/// <summary>
/// A loaded ONNX Runtime. It stays loaded for as long as the process lives: its threads and static objects do not
/// survive being unloaded.
/// </summary>
internal sealed unsafe class OrtLibrary
{
    private OrtLibrary(string path, string version, OrtApi api)
    {
        Path = path;
        Version = version;
        Api = api;
    }

    /// <summary>The file, or the bare name where the operating system found it.</summary>
    public string Path { get; }

    /// <summary>The library's version, such as <c>1.30.0</c>.</summary>
    public string Version { get; }

    public OrtApi Api { get; }

    /// <summary>
    /// Loads the library: the explicit path if there is one, and otherwise the first file that exists. A file that exists
    /// and does not load is an error, not a reason to take the next: the next may be anybody's.
    /// </summary>
    /// <exception cref="NativeLibraryException">None could be loaded, or it is too old.</exception>
    public static OrtLibrary Load(string? explicitPath)
    {
        TelemetryOptOut.Apply();
        var attempts = new List<LoadAttempt>();
        foreach (string file in explicitPath is null ? LibraryLocator.Files() : [explicitPath])
        {
            if (File.Exists(file))
            {
                return Open(file, attempts);
            }

            attempts.Add(new LoadAttempt(file, "not there"));
        }

        foreach (string name in explicitPath is null ? LibraryLocator.SystemNames : [])
        {
            if (NativeLibrary.TryLoad(name, out nint handle))
            {
                return Bind(name, handle, attempts);
            }

            attempts.Add(new LoadAttempt(name, "not found by the operating system"));
        }

        throw NativeLibraryException.NotLoaded(attempts);
    }

    private static OrtLibrary Open(string file, List<LoadAttempt> attempts)
    {
        try
        {
            return Bind(file, NativeLibrary.Load(file), attempts);
        }
        catch (Exception e) when (e is DllNotFoundException or BadImageFormatException)
        {
            // The message is dlerror's or Windows' own, over several lines; the first says what is wrong.
            string reason = e.Message.Split('\n')[0].Trim();
            throw NativeLibraryException.NotLoaded([.. attempts, new LoadAttempt(file, reason)]);
        }
    }

    private static OrtLibrary Bind(string path, nint handle, List<LoadAttempt> attempts)
    {
        if (!NativeLibrary.TryGetExport(handle, "OrtGetApiBase", out nint export))
        {
            NativeLibrary.Free(handle);
            throw NativeLibraryException.NotLoaded([.. attempts, new LoadAttempt(path, "it is not ONNX Runtime: it has no OrtGetApiBase")]);
        }

        return Bind(path, ((delegate* unmanaged<OrtApiBase*>)export)(), attempts);
    }

    /// <exception cref="NativeLibraryException">The library is too old, or of another major version.</exception>
    internal static OrtLibrary Bind(string path, OrtApiBase* api, List<LoadAttempt> attempts)
    {
        string version = Utf8.Read(api->GetVersionString());
        int apiVersion = ApiVersionOf(version);
        // Asked for more than it has, GetApi prints to standard error: compare first.
        nint* table = apiVersion < OrtApi.MinimumVersion ? null : api->GetApi(OrtApi.MinimumVersion);
        return table is not null
            ? new OrtLibrary(path, version, new OrtApi(table, apiVersion))
            : throw NativeLibraryException.TooOld(path, version, attempts);
    }

    /// <summary>Version 1.n of the library has version n of the API.</summary>
    internal static int ApiVersionOf(string version)
    {
        string[] parts = version.Split('.');
        return parts.Length > 1 && parts[0] == "1" && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int minor) ? minor : 0;
    }
}
