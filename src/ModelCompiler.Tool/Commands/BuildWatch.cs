using System.Diagnostics;
using ModelCompiler.Diagnostics;
using ModelCompiler.Onnx;
using ModelCompiler.Requests;
using ModelCompiler.Tool.Terminal;

namespace ModelCompiler.Tool.Commands;

/// <summary>
/// Stops the work when the build that waits for it is gone, and when it takes more time or memory than it may. Native code looks at no token: where a polite stop
/// is not heard the process ends, which harms nothing, because outputs are published by rename.
/// </summary>
internal sealed class BuildWatch : IDisposable
{
    private const long MiB = 1 << 20;

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(3);

    private readonly BuildRequest _request;
    private readonly TextWriter _output;
    private readonly CancellationTokenSource _source;
    private readonly ManualResetEventSlim _done = new();
    private readonly Stopwatch _time = Stopwatch.StartNew();
    private readonly Thread _thread;

    public BuildWatch(BuildRequest request, TextWriter output, CancellationToken cancellationToken)
    {
        _request = request;
        _output = output;
        _source = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Token = _source.Token;
        _thread = new Thread(Watch) { IsBackground = true, Name = "build watch" };
        _thread.Start();
    }

    public CancellationToken Token { get; }

    /// <summary>The limit that was passed, or null.</summary>
    public CompilerException? Exceeded { get; private set; }

    /// <summary>The item that is being worked on, as a diagnostic begins.</summary>
    public string Origin { get; set; } = "modelc";

    public void Dispose()
    {
        _done.Set();
        _thread.Join();
        _done.Dispose();
        _source.Dispose();
    }

    private void Watch()
    {
        using Process? parent = FindParent();
        while (!_done.IsSet)
        {
            if (parent is null || HasExited(parent))
            {
                Stop(ExitCode.Cancelled);
                return;
            }
            Exceeded = FindExcess();
            if (Exceeded is { } excess)
            {
                Stop(Terminal.ExitCode.Failed, () => _output.WriteLine($"{Origin}: error {excess.Code}: {excess.Message}"));
                return;
            }
            _done.Wait(Interval);
        }
    }

    private Process? FindParent()
    {
        try
        {
            return Process.GetProcessById(_request.ParentProcessId);
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    /// <summary>A process that the system does not let us look at is not watched.</summary>
    private static bool HasExited(Process process)
    {
        try
        {
            return process.HasExited;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }

    private CompilerException? FindExcess()
    {
        if (_request.Timeout > 0 && _time.Elapsed.TotalSeconds > _request.Timeout) return DiagnosticTable.TimeLimitPassed.Error(_request.Timeout);
        long memory = Environment.WorkingSet / MiB;
        return _request.MemoryLimit > 0 && memory > _request.MemoryLimit ? DiagnosticTable.MemoryLimitPassed.Error(_request.MemoryLimit, memory) : null;
    }

    private void Stop(int exitCode, Action? lastWords = null)
    {
        _source.Cancel();
        if (_done.Wait(Grace)) return;
        lastWords?.Invoke();
        _output.Flush();
        Environment.Exit(exitCode);
    }
}
