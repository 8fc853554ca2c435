namespace ModelCompiler.Runtime;

/// <summary>
/// Base of the classes that the generator makes of models. Safe to call from many threads: each call has inputs and
/// outputs of its own. Disposing it while calls are under way lets them end and refuses new ones.
/// </summary>
public abstract class Predictor : IDisposable
{
    private readonly PredictorRunPool _runs;

    /// <summary>Checks that the model is the one the code was generated for, and opens it.</summary>
    /// <exception cref="ModelIntegrityException">A file is missing or was exchanged, or a version is too old.</exception>
    /// <exception cref="ModelCompilerException">ONNX Runtime could not be loaded, or did not accept the model.</exception>
    protected Predictor(PredictorDescription description, PredictorOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(description);
        Session = PredictorLoader.Open(GetType().Name, description, options ?? new PredictorOptions());
        var inputs = InputLayout.Of(description.Inputs);
        _runs = new PredictorRunPool(() => new PredictorRun(Session, inputs));
    }

    /// <summary>The session beneath, for what the predictor does not offer.</summary>
    public InferenceSession Session { get; }

    /// <summary>Which execution providers were taken when the predictor was made, why others were not, and the nodes that each runs.</summary>
    public SessionPlacement Placement => Session.Placement;

    /// <summary>Frees the model when the last call is over.</summary>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Begins a call, for generated code: dispose what it returns.</summary>
    /// <exception cref="ObjectDisposedException">The predictor is disposed.</exception>
    protected PredictorCall StartCall()
    {
        Session.ThrowIfDisposed();
        var run = _runs.Rent();
        run.Reset();
        return new PredictorCall(this, run);
    }

    /// <summary>For derived classes that own more.</summary>
    protected virtual void Dispose(bool disposing)
    {
        if (disposing)
        {
            Session.Dispose();
            _runs.Dispose();
        }
    }

    internal void Return(PredictorRun run) => _runs.Return(run);
}
