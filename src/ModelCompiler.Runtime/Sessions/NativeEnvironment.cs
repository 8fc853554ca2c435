using System.Globalization;
using System.Runtime.InteropServices;
using ModelCompiler.Diagnostics;
using ModelCompiler.Runtime.Native;

namespace ModelCompiler.Runtime;

/// <summary>The library's environment, and the memory description that all tensors of the program share.</summary>
internal sealed unsafe class NativeEnvironment
{
    private static readonly Lock Gate = new();
    private static volatile NativeEnvironment? _default;

    private const string Name = "ModelCompiler";

    /// <param name="library">The library.</param>
    /// <param name="api">Its functions.</param>
    /// <param name="sharedThreads">See <see cref="SessionOptions.SharedThreads"/>.</param>
    public NativeEnvironment(OrtLibrary library, OrtApi api, int? sharedThreads = null)
    {
        Library = library;
        Api = api;
        SharedThreads = sharedThreads;
        nint environment = sharedThreads is { } threads
            ? api.CreateEnvironment(&OnLog, (int)LogSeverity.Error, Name, threads)
            : api.CreateEnvironment(&OnLog, (int)LogSeverity.Error, Name);
        Handle = new OrtHandle(api, environment, OrtFunction.ReleaseEnv);
        api.DisableTelemetry(Handle.Value);
        CpuMemory = new OrtHandle(api, api.CreateCpuMemoryInfo(), OrtFunction.ReleaseMemoryInfo);
    }

    /// <summary>See <see cref="OrtEnvironment.Logged"/>.</summary>
    public static event Action<OrtLogMessage>? Logged;

    /// <summary>The one of the process, which lives as long. A failure is not kept: the next call looks again.</summary>
    /// <exception cref="NativeLibraryException">No library could be loaded.</exception>
    public static NativeEnvironment Default => For(null);

    /// <summary>The one of the process, for a session that may share threads. Who comes first decides how many there are.</summary>
    /// <exception cref="ModelCompilerException">It was made with another number of threads to share, or none.</exception>
    public static NativeEnvironment For(int? sharedThreads)
    {
        if (_default is null)
        {
            lock (Gate)
            {
                _default ??= Create(sharedThreads);
            }
        }

        return _default.With(sharedThreads);
    }

    public OrtLibrary Library { get; }

    /// <summary>How many threads sessions can share; null for none.</summary>
    public int? SharedThreads { get; }

    public OrtApi Api { get; }

    public OrtHandle Handle { get; }

    public OrtHandle CpuMemory { get; }

    /// <summary>A line of our own, for who listens.</summary>
    public static void Log(OrtLogMessage message) => Logged?.Invoke(message);

    /// <summary>This one, if it has these threads to share.</summary>
    /// <exception cref="ModelCompilerException">It has others.</exception>
    public NativeEnvironment With(int? sharedThreads) => sharedThreads is null || sharedThreads == SharedThreads
        ? this
        : throw new ModelCompilerException(DiagnosticTable.SharedThreadsDecided, sharedThreads, SharedThreads?.ToString(CultureInfo.InvariantCulture) ?? "none");

    private static NativeEnvironment Create(int? sharedThreads)
    {
        var library = OrtLibrary.Load(LibraryLocator.ExplicitPath);
        return new NativeEnvironment(library, library.Api, sharedThreads);
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
