using System.Diagnostics;

namespace ModelCompiler.Runtime;

/// <summary>
/// Gathers calls that come at the same time into shared runs. First come, first served: a call shares the run of the oldest
/// one that waits, if it can. The queue is bounded, so that no run has to look through all; callers wait for room in it in their order.
/// </summary>
internal sealed class MicroBatcher<TInput, TResult> : IDisposable
    where TInput : struct
{
    private readonly BatchRunner<TInput, TResult> _runner;
    private readonly TimeSpan _window;
    private readonly int _capacity;
    private readonly List<BatchedCall<TInput, TResult>> _queue = [];
    private readonly Queue<BatchedCall<TInput, TResult>> _outside = [];
    private readonly string _name;
    private readonly object _gate = new();
    private readonly BatchTurns? _turns;
    private bool _isDisposed;

    public MicroBatcher(BatchRunner<TInput, TResult> runner, TimeSpan window, int capacity, int workers, string name)
    {
        _runner = runner;
        _window = window;
        _turns = window > TimeSpan.Zero || runner.IsFixed ? null : new BatchTurns();
        _capacity = capacity;
        _name = name;
        for (int i = 0; i < workers; i++)
        {
            new Thread(Work) { IsBackground = true, Name = $"{name} batches" }.Start();
        }
    }

    /// <summary>Puts a call into the queue. What is wrong with it comes with the task: calls that are gathered in a list fail each by itself.</summary>
    public Task<TResult> Run(TInput input, CancellationToken cancellationToken)
    {
        try
        {
            _runner.Check(input);
        }
        catch (ModelCompilerException e)
        {
            return Task.FromException<TResult>(e);
        }

        if (cancellationToken.IsCancellationRequested)
        {
            return Task.FromCanceled<TResult>(cancellationToken);
        }

        var call = new BatchedCall<TInput, TResult>(input, cancellationToken);
        call.ObserveCancellation();
        lock (_gate)
        {
            if (!_isDisposed)
            {
                Enqueue(call);
                return call.Task;
            }
        }

        call.Fail(new ObjectDisposedException(_name));
        return call.Task;
    }

    /// <summary>Refuses the calls that wait; a run that is under way ends.</summary>
    public void Dispose()
    {
        BatchedCall<TInput, TResult>[] waiting;
        lock (_gate)
        {
            _isDisposed = true;
            waiting = [.. _queue, .. _outside];
            PredictorTelemetry.CountWaiting(_name, -waiting.Length);
            _queue.Clear();
            _outside.Clear();
            Monitor.PulseAll(_gate);
        }

        foreach (var call in waiting)
        {
            call.Fail(new ObjectDisposedException(_name));
        }
    }

    private void Enqueue(BatchedCall<TInput, TResult> call)
    {
        if (_queue.Count < _capacity)
        {
            _queue.Add(call);
        }
        else
        {
            _outside.Enqueue(call);
        }

        PredictorTelemetry.CountWaiting(_name, 1);
        Monitor.Pulse(_gate);
    }

    private void Work()
    {
        while (Next() is { } calls)
        {
            Run(calls);
        }
    }

    /// <summary>Waits for a call, and for others to share its run; null when all is over.</summary>
    private BatchedCall<TInput, TResult>[]? Next()
    {
        lock (_gate)
        {
            while (_queue.Count == 0 && !_isDisposed)
            {
                Monitor.Wait(_gate);
            }
        }

        WaitForOthers();
        lock (_gate)
        {
            return _isDisposed ? null : TakeBatch();
        }
    }

    private void WaitForOthers()
    {
        long start = Stopwatch.GetTimestamp();
        while ((_turns?.Patience ?? _window) - Stopwatch.GetElapsedTime(start) is { Ticks: > 0 } left)
        {
            lock (_gate)
            {
                if (_queue.Count >= _runner.MaxBatch || _turns?.IsEnough(_queue.Count) == true || _isDisposed)
                {
                    return;
                }

                // The clock of waiting ticks in milliseconds.
                if (left.TotalMilliseconds >= 1)
                {
                    Monitor.Wait(_gate, (int)left.TotalMilliseconds);
                    continue;
                }
            }

            Thread.Yield();
        }
    }

    /// <summary>Takes the oldest call and those that can share its run; calls that were given up leave too.</summary>
    private BatchedCall<TInput, TResult>[] TakeBatch()
    {
        int before = _queue.Count, most = Math.Min(_runner.MaxBatch, _turns?.Share(before) ?? before);
        var batch = new List<BatchedCall<TInput, TResult>>(Math.Min(most, before));
        _queue.RemoveAll(call =>
        {
            if (call.IsOver)
            {
                return true;
            }

            bool isTaken = batch.Count == 0 || (batch.Count < most && _runner.CanShare(batch[0].Input, call.Input));
            if (isTaken)
            {
                batch.Add(call);
            }

            return isTaken;
        });
        PredictorTelemetry.CountWaiting(_name, _queue.Count - before);
        while (_queue.Count < _capacity && _outside.TryDequeue(out var call))
        {
            _queue.Add(call);
        }

        return [.. batch];
    }

    /// <summary>Runs the batch; when it fails each call runs by itself, so that only those fail that must.</summary>
    private void Run(BatchedCall<TInput, TResult>[] calls)
    {
        if (calls.Length == 0)
        {
            return;
        }

        PredictorRun run;
        long start = Stopwatch.GetTimestamp();
        try
        {
            run = _runner.Run(Array.ConvertAll(calls, call => call.Input), CancellationToken.None);
        }
        catch (Exception e) when (e is ModelCompilerException or ObjectDisposedException && calls.Length > 1)
        {
            Array.ForEach(calls, call => Run([call]));
            return;
        }
#pragma warning disable CA1031 // Whatever goes wrong is the caller's to see; here it would end the process.
        catch (Exception e)
#pragma warning restore CA1031
        {
            Array.ForEach(calls, call => call.Fail(e));
            return;
        }

        Answer(new FinishedBatch<TInput, TResult>(_runner, run, calls), Stopwatch.GetElapsedTime(start));
    }

    /// <summary>Where others wait, their run begins at once, and the answers are left to the thread pool; otherwise here is nothing else to do.</summary>
    private void Answer(FinishedBatch<TInput, TResult> batch, TimeSpan duration)
    {
        if (IsWaitedFor(batch, duration))
        {
            ThreadPool.UnsafeQueueUserWorkItem(batch, preferLocal: false);
        }
        else
        {
            batch.Execute();
        }
    }

    private bool IsWaitedFor(FinishedBatch<TInput, TResult> batch, TimeSpan duration)
    {
        lock (_gate)
        {
            _turns?.Ended(_queue.Count, batch.Count, duration, Stopwatch.GetElapsedTime(0));
            return _queue.Count > 0;
        }
    }
}
