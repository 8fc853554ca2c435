using System.Runtime.InteropServices;
using ModelCompiler.Runtime.Native;

namespace ModelCompiler.Runtime;

/// <summary>The library's environment, and the memory description that all tensors of the program share.</summary>
internal sealed unsafe class NativeEnvironment
{
    private static readonly Lock Gate = new();
    private static volatile NativeEnvironment? _default;

    public NativeEnvironment(OrtLibrary library, OrtApi api)
    {
        Library = library;
        Api = api;
        Handle = new OrtHandle(api, api.CreateEnvironment(&OnLog, (int)LogSeverity.Error, "ModelCompiler"), OrtFunction.ReleaseEnv);
        api.DisableTelemetry(Handle.Value);
        CpuMemory = new OrtHandle(api, api.CreateCpuMemoryInfo(), OrtFunction.ReleaseMemoryInfo);
    }

    /// <summary>See <see cref="OrtEnvironment.Logged"/>.</summary>
    public static event Action<OrtLogMessage>? Logged;

    /// <summary>The one of the process, which lives as long. A failure is not kept: the next call looks again.</summary>
    /// <exception cref="NativeLibraryException">No library could be loaded.</exception>
    public static NativeEnvironment Default
    {
        get
        {
            if (_default is { } existing)
            {
                return existing;
            }

            lock (Gate)
            {
                return _default ??= Create();
            }
        }
    }

    public OrtLibrary Library { get; }

    public OrtApi Api { get; }

    public OrtHandle Handle { get; }

    public OrtHandle CpuMemory { get; }

    /// <summary>A line of our own, for who listens.</summary>
    public static void Log(OrtLogMessage message) => Logged?.Invoke(message);

    private static NativeEnvironment Create()
    {
        var library = OrtLibrary.Load(LibraryLocator.ExplicitPath);
        return new NativeEnvironment(library, library.Api);
    }

    [UnmanagedCallersOnly]
    private static void OnLog(void* state, int severity, byte* category, byte* name, byte* location, byte* message)
    {
        string id = Utf8.Read(name);
        PlacementLog.Read(id, location, message);
        if (severity >= (int)LogSeverity.Error)
        {
            DeviceReports.OfProcess.Read((LogSeverity)severity, Utf8.Read(message));
        }

        if (Logged is { } handlers && !PlacementLog.Hides(id, (LogSeverity)severity))
        {
            handlers(new OrtLogMessage((LogSeverity)severity, Utf8.Read(category), Utf8.Read(location), Utf8.Read(message)));
        }
    }
}
