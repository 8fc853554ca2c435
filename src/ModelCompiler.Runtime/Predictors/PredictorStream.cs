namespace ModelCompiler.Runtime;

/// <summary>
/// Base of the streams that the generator makes of models with state: one conversation, whose calls carry the state on. It
/// holds nothing but the state. For one thread at a time; a call that fails or is cancelled leaves the state as it was.
/// </summary>
public abstract class PredictorStream : IDisposable
{
    private readonly Predictor _predictor;
    private readonly StateTensor[] _states;
    private bool _isDisposed;

    /// <param name="predictor">The predictor; it may be disposed first, calls then fail.</param>
    /// <param name="shapes">The shape of each state when the conversation begins.</param>
    /// <exception cref="ArgumentException">A size is negative.</exception>
    protected PredictorStream(Predictor predictor, params long[][] shapes)
    {
        ArgumentNullException.ThrowIfNull(predictor);
        ArgumentNullException.ThrowIfNull(shapes);
        predictor.Session.ThrowIfDisposed();
        _predictor = predictor;
        var description = predictor.Description;
        _states = [.. description.States.Select((state, i) =>
            new StateTensor(predictor.Session.Environment, description.Inputs[state.Input], description.Outputs[state.Output], shapes[i]))];
    }

    /// <summary>Forgets the conversation: the next call begins anew.</summary>
    /// <exception cref="ObjectDisposedException">The stream is disposed.</exception>
    public void Reset()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        Array.ForEach(_states, state => state.Reset());
    }

    /// <summary>Frees the state.</summary>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Begins a call, for generated code: dispose what it returns.</summary>
    /// <exception cref="ObjectDisposedException">The stream or its predictor is disposed.</exception>
    protected PredictorCall StartCall()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        return _predictor.StartCall(_states);
    }

    /// <summary>For derived classes that own more.</summary>
    protected virtual void Dispose(bool disposing)
    {
        if (disposing)
        {
            _isDisposed = true;
            Array.ForEach(_states, state => state.Dispose());
        }
    }
}
