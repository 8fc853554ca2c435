using System.Diagnostics;
using System.Globalization;

namespace ModelCompiler.Runtime;

/// <summary>Says that something takes long while it does: before, every few seconds, and how long it took.</summary>
internal sealed class ArtefactLog : IDisposable
{
    private readonly string _what;
    private readonly Stopwatch _time = Stopwatch.StartNew();
    private readonly Timer _timer;

    /// <param name="what">What is being done.</param>
    /// <param name="period">The longest silence.</param>
    public ArtefactLog(string what, TimeSpan period)
    {
        _what = what;
        Write(LogSeverity.Info, what);
        _timer = new Timer(_ => Write(LogSeverity.Info, Timed("still")), null, period, period);
    }

    /// <summary>A line of the log.</summary>
    public static void Write(LogSeverity severity, string text) => NativeEnvironment.Log(new OrtLogMessage(severity, OrtLogMessage.OwnCategory, "", text));

    /// <summary>It is over; no line of the period comes after it.</summary>
    public void Dispose()
    {
        using var done = new ManualResetEvent(false);
        if (_timer.Dispose(done))
        {
            done.WaitOne();
        }

        Write(LogSeverity.Info, Timed("ended"));
    }

    private string Timed(string state) => string.Create(CultureInfo.InvariantCulture, $"{_what}: {state}, after {_time.Elapsed.TotalSeconds:F1} s");
}
