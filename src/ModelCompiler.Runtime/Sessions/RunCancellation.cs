using ModelCompiler.Runtime.Native;

namespace ModelCompiler.Runtime;

/// <summary>
/// Run options that a cancellation token terminates. The flag cannot be taken back reliably, so each run has its own;
/// runs whose token cannot be cancelled share those of the session, or need none.
/// </summary>
internal readonly struct RunCancellation : IDisposable
{
    private readonly nint _shared;
    private readonly OrtHandle? _runOptions;
    private readonly CancellationTokenRegistration _registration;

    /// <param name="environment">The library.</param>
    /// <param name="shared">Options of the session's runs that nothing cancels; 0 for none.</param>
    /// <param name="isQuiet">Whether runs are to be quieter than the session, which logged everything while it loaded.</param>
    /// <param name="severity">The lowest severity that such a session's runs log.</param>
    /// <param name="cancellationToken">Terminates the run.</param>
    public RunCancellation(NativeEnvironment environment, nint shared, bool isQuiet, LogSeverity severity, CancellationToken cancellationToken)
    {
        _shared = shared;
        if (!cancellationToken.CanBeCanceled)
        {
            return;
        }

        var api = environment.Api;
        var runOptions = isQuiet ? CreateRunOptions(environment, severity) : new OrtHandle(api, api.CreateRunOptions(), OrtFunction.ReleaseRunOptions);
        _runOptions = runOptions;
        _registration = cancellationToken.UnsafeRegister(Terminate, (api, runOptions));
    }

    /// <summary>Run options that log no less than a severity.</summary>
    public static OrtHandle CreateRunOptions(NativeEnvironment environment, LogSeverity severity, OrtHandle? parent = null)
    {
        var runOptions = new OrtHandle(environment.Api, environment.Api.CreateRunOptions(), OrtFunction.ReleaseRunOptions, parent ?? environment.Handle);
        environment.Api.SetRunLogSeverity(runOptions.Value, (int)severity);
        return runOptions;
    }

    /// <summary>For the run; 0 where none are needed.</summary>
    public nint RunOptions => _runOptions?.Value ?? _shared;

    public void Dispose()
    {
        // Waits for a callback that is under way, so that the options outlive it.
        _registration.Dispose();
        _runOptions?.Dispose();
    }

    private static void Terminate(object? state)
    {
        var (api, runOptions) = ((OrtApi, OrtHandle))state!;
        api.Terminate(runOptions.Value);
    }
}
