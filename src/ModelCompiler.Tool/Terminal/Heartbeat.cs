using System.Diagnostics;
using System.Globalization;

namespace ModelCompiler.Tool.Terminal;

/// <summary>
/// Passes progress on with the time at which it was made, and every few seconds in which there is none says what is still being done: a build that is silent looks hung.
/// </summary>
internal sealed class Heartbeat : IProgress<string>, IDisposable
{
    private readonly IProgress<string> _progress;
    private readonly IProgress<string> _beats;
    private readonly TimeSpan _period;
    private readonly Stopwatch _time = Stopwatch.StartNew();
    private readonly Timer _timer;
    private volatile string _last = "starting";

    /// <param name="progress">Where progress goes.</param>
    /// <param name="beats">Where the signs of life go.</param>
    /// <param name="period">The longest silence.</param>
    public Heartbeat(IProgress<string> progress, IProgress<string> beats, TimeSpan period)
    {
        _progress = progress;
        _beats = beats;
        _period = period;
        _timer = new Timer(_ => Beat(), null, period, period);
    }

    public void Report(string value)
    {
        _last = value;
        _progress.Report(Timed(value));
        _timer.Change(_period, _period);
    }

    /// <summary>No sign comes after it.</summary>
    public void Dispose()
    {
        using var done = new ManualResetEvent(false);
        if (_timer.Dispose(done)) done.WaitOne();
    }

    private void Beat() => _beats.Report(Timed(_last));

    private string Timed(string text) => string.Create(CultureInfo.InvariantCulture, $"{text} ({_time.Elapsed.TotalSeconds:F1} s)");
}
