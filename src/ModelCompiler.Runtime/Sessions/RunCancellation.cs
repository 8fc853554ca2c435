using ModelCompiler.Runtime.Native;

namespace ModelCompiler.Runtime;

/// <summary>
/// Run options that a cancellation token terminates. The flag cannot be taken back reliably, so each run has its own;
/// runs whose token cannot be cancelled need none.
/// </summary>
internal readonly struct RunCancellation : IDisposable
{
    private readonly OrtHandle? _runOptions;
    private readonly CancellationTokenRegistration _registration;

    public RunCancellation(OrtApi api, CancellationToken cancellationToken)
    {
        if (!cancellationToken.CanBeCanceled)
        {
            return;
        }

        var runOptions = new OrtHandle(api, api.CreateRunOptions(), OrtFunction.ReleaseRunOptions);
        _runOptions = runOptions;
        _registration = cancellationToken.UnsafeRegister(Terminate, (api, runOptions));
    }

    /// <summary>For the run; 0 where none are needed.</summary>
    public nint RunOptions => _runOptions?.Value ?? 0;

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
