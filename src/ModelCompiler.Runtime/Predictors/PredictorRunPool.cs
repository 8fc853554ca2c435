namespace ModelCompiler.Runtime;

/// <summary>
/// Runs that wait for the next call. Renting never blocks: with none at hand one is made, and what comes back beyond the
/// capacity is freed. After disposal what comes back is freed too.
/// </summary>
internal sealed class PredictorRunPool(Func<PredictorRun> create) : IDisposable
{
    private readonly PredictorRun?[] _runs = new PredictorRun?[Math.Max(4, 2 * Environment.ProcessorCount)];
    private volatile bool _isDisposed;

    public PredictorRun Rent()
    {
        for (int i = 0; i < _runs.Length; i++)
        {
            if (_runs[i] is not null && Interlocked.Exchange(ref _runs[i], null) is { } run)
            {
                return run;
            }
        }

        return create();
    }

    public void Return(PredictorRun run)
    {
        for (int i = 0; i < _runs.Length && !_isDisposed; i++)
        {
            if (_runs[i] is null && Interlocked.CompareExchange(ref _runs[i], run, null) is null)
            {
                // Disposal may have passed this slot just before.
                if (_isDisposed)
                {
                    Drain();
                }

                return;
            }
        }

        run.Dispose();
    }

    public void Dispose()
    {
        _isDisposed = true;
        Drain();
    }

    private void Drain()
    {
        for (int i = 0; i < _runs.Length; i++)
        {
            Interlocked.Exchange(ref _runs[i], null)?.Dispose();
        }
    }
}
