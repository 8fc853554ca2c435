namespace ModelCompiler.Runtime;

/// <summary>
/// Base of the streams that the generator makes of models with state: one conversation, whose calls carry the state on. It
/// holds nothing but the state. For one thread at a time: a call that overlaps another is refused. One that fails or is cancelled leaves the state as
/// it was.
/// </summary>
public abstract class PredictorStream : IDisposable
{
    private readonly Predictor _predictor;
    private readonly StateTensor[] _states;
    private UseGate _gate;

    /// <param name="predictor">The predictor; it may be disposed first, calls then fail.</param>
    /// <param name="shapes">The shape of each state when the conversation begins.</param>
    /// <exception cref="ArgumentException">A size is negative.</exception>
    protected PredictorStream(Predictor predictor, params long[][] shapes)
    {
        ArgumentNullException.ThrowIfNull(predictor);
        ArgumentNullException.ThrowIfNull(shapes);
        predictor.ThrowIfDisposed();
        _predictor = predictor;
        var description = predictor.Description;
        _states = [.. description.States.Select((state, i) =>
            new StateTensor(predictor.Session.Environment, description.Inputs[state.Input], description.Outputs[state.Output], shapes[i]))];
    }

    /// <summary>Forgets the conversation: the next call begins anew.</summary>
    /// <exception cref="ObjectDisposedException">The stream is disposed.</exception>
    /// <exception cref="OverlappingRunException">A call is under way.</exception>
    public void Reset()
    {
        _gate.ThrowUnlessIdle(GetType().Name);
        Array.ForEach(_states, state => state.Reset());
    }

    /// <summary>Frees the state, after a call that is under way.</summary>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Begins a call, for generated code: dispose what it returns.</summary>
    /// <exception cref="ObjectDisposedException">The stream or its predictor is disposed.</exception>
    /// <exception cref="OverlappingRunException">Another call is under way.</exception>
    protected PredictorCall StartCall()
    {
        _gate.Enter(GetType().Name);
        try
        {
            return _predictor.StartCall(this);
        }
        catch
        {
            EndCall();
            throw;
        }
    }

    /// <summary>For derived classes that own more.</summary>
    protected virtual void Dispose(bool disposing)
    {
        if (disposing && _gate.Close())
        {
            Free();
        }
    }

    internal IReadOnlyList<StateTensor> States => _states;

    internal void EndCall()
    {
        if (_gate.Leave())
        {
            Free();
        }
    }

    private void Free() => Array.ForEach(_states, state => state.Dispose());
}
