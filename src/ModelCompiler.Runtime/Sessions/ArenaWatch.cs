using ModelCompiler.Runtime.Native;

namespace ModelCompiler.Runtime;

/// <summary>
/// Bounds what a session's arena keeps for later runs: where inputs have ever other sizes, pieces for each of them would pile up. Every few runs it is
/// asked how much it has; beyond the limit the next run gives back what is free.
/// </summary>
internal sealed class ArenaWatch : IDisposable
{
    private const int Interval = 16;
    private const string Shrink = "memory.enable_memory_arena_shrinkage";
    private const string CpuArena = "cpu:0";

    private readonly NativeEnvironment _environment;
    private readonly long _kept;
    private long _limit;
    private uint _runs;
    private volatile bool _isAbove;

    private ArenaWatch(NativeEnvironment environment, OrtHandle parent, LogSeverity severity, long kept)
    {
        _environment = environment;
        _kept = kept;
        ShrinkingRun = RunCancellation.CreateRunOptions(environment, severity, parent);
        environment.Api.AddRunConfigEntry(ShrinkingRun.Value, Shrink, CpuArena);
    }

    /// <summary>Options of a run that gives back what is free.</summary>
    public OrtHandle ShrinkingRun { get; }

    /// <summary>A watch for a session to be; null where there is no limit, and before version 1.23, whose arenas do not tell how large they are.</summary>
    /// <param name="environment">The library.</param>
    /// <param name="parent">What the session keeps open anyway.</param>
    /// <param name="options">How the session is opened.</param>
    public static ArenaWatch? Create(NativeEnvironment environment, OrtHandle parent, SessionOptions options) =>
        options is { ArenaLimit: { } kept, UseCpuArena: true } && environment.Api.Supports(OrtApi.SessionMemoryVersion)
            ? new ArenaWatch(environment, parent, options.LogSeverity, kept)
            : null;

    /// <summary>Begins, once the session is open and has its weights, which lie in the arena too.</summary>
    public void Begin(nint session) => _limit = SizeOf(session) + _kept;

    /// <summary>The bytes that the arena of a session has of the system.</summary>
    public long SizeOf(nint session)
    {
        var api = _environment.Api;
        nint allocator = api.CreateAllocator(session, _environment.CpuMemory.Value);
        try
        {
            return api.GetAllocatedBytes(allocator);
        }
        finally
        {
            api.Release(OrtFunction.ReleaseAllocator, allocator);
        }
    }

    /// <summary>Options for the next run where it is to give memory back; 0 for others.</summary>
    public nint NextRunOptions()
    {
        if (!_isAbove)
        {
            return 0;
        }

        _isAbove = false;
        return ShrinkingRun.Value;
    }

    /// <summary>Looks at the arena, now and then. The session must be open.</summary>
    public void AfterRun(nint session)
    {
        if (Interlocked.Increment(ref _runs) % Interval == 0)
        {
            _isAbove = SizeOf(session) > _limit;
        }
    }

    public void Dispose() => ShrinkingRun.Dispose();
}
