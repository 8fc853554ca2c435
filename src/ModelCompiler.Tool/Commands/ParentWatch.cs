using System.Diagnostics;

namespace ModelCompiler.Tool.Commands;

/// <summary>Cancels when the process that waits for this one is gone: a build that was killed must not leave a compiler running.</summary>
internal sealed class ParentWatch : IDisposable
{
    private readonly CancellationTokenSource _source;

    public ParentWatch(int processId, CancellationToken cancellationToken)
    {
        _source = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Token = _source.Token;
        _ = Watch(processId);
    }

    public CancellationToken Token { get; }

    public void Dispose()
    {
        _source.Cancel();
        _source.Dispose();
    }

    private async Task Watch(int processId)
    {
        try
        {
            using var parent = Process.GetProcessById(processId);
            await parent.WaitForExitAsync(Token).ConfigureAwait(false);
            await _source.CancelAsync().ConfigureAwait(false);
        }
        catch (ArgumentException)
        {
            // It is gone already.
            await _source.CancelAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException or InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            // The work is done, or the system does not let us look: then nobody is watched.
        }
    }
}
