using System.Diagnostics;

namespace ModelCompiler.Runtime;

/// <summary>
/// Base of the classes that the generator makes of models. Safe to call from many threads: each call has inputs and
/// outputs of its own. Disposing it while calls are under way lets them end and refuses new ones. Instances of one model with the same options share
/// its weights.
/// </summary>
public abstract class Predictor : IDisposable
{
    private readonly PredictorRunPool _runs;
    private readonly InputLayout[] _inputs;
    private readonly PredictorOptions _options;
    private readonly string _name;
    private readonly SharedSession _shared;
    private readonly Lock _gate = new();
    private IDisposable? _batcher;
    private volatile bool _isDisposed;

    /// <summary>Checks that the model is the one the code was generated for, and opens it.</summary>
    /// <exception cref="ModelIntegrityException">A file is missing or was exchanged, or a version is too old.</exception>
    /// <exception cref="ModelCompilerException">ONNX Runtime could not be loaded, or did not accept the model.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is below what it can be.</exception>
    /// <exception cref="ArgumentException">Options contradict each other.</exception>
    protected Predictor(PredictorDescription description, PredictorOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(description);
        _options = options is null ? new PredictorOptions() : options with { };
        BatchLimits = Limits(description.Batch, _options);
        Description = description;
        _name = GetType().Name;
        long start = Stopwatch.GetTimestamp();
        _shared = PredictorLoader.Open(_name, description, _options);
        Log(LogSeverity.Info, $"{_name} opened '{_options.ModelPath ?? description.Model.Path}' in {Stopwatch.GetElapsedTime(start).TotalMilliseconds:F0} ms. {Placement}");
        Session.Faulted += LogFault;
        _inputs = InputLayout.Of(description.Inputs);
        _runs = new PredictorRunPool(() => NewRun(_name));
    }

    /// <summary>The session beneath, for what the predictor does not offer. It is not the caller's to dispose: other instances may share it.</summary>
    public InferenceSession Session => _shared.Session;

    /// <summary>Which execution providers were taken when the predictor was made, why others were not, and the nodes that each runs.</summary>
    public SessionPlacement Placement => Session.Placement;

    /// <summary>Why the predictor refuses to answer any more; null while it works. Set when its execution provider fails, as when a device is lost.</summary>
    public ProviderFault? Fault => Session.Fault;

    /// <summary>The class, its model, and what goes in and out: for logs and debuggers.</summary>
    public override string ToString()
    {
        static string Text(IEnumerable<TensorSpec> values) => string.Join(", ", values.Select(value => $"{value.Name} {value}"));
        return $"{_name}: {Description.Model.Path}, ({Text(Description.Inputs)}) to ({Text(Description.Outputs)})";
    }

    /// <summary>Frees the model when the last call is over.</summary>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Begins a call, for generated code: dispose what it returns.</summary>
    /// <exception cref="ObjectDisposedException">The predictor is disposed.</exception>
    protected PredictorCall StartCall() => StartCall(1);

    /// <summary>Answers many samples in as few runs as may be; for generated code.</summary>
    protected TResult[] RunBatch<TInput, TResult>(Batching<TInput, TResult> batching, IReadOnlyList<TInput> inputs, CancellationToken cancellationToken)
        where TInput : struct
    {
        ArgumentNullException.ThrowIfNull(inputs);
        return new BatchRunner<TInput, TResult>(this, batching).RunAll(inputs, cancellationToken);
    }

    /// <summary>Answers one sample in a run that it may share with others; for generated code, which always gives the same <paramref name="batching"/>.</summary>
    protected Task<TResult> RunShared<TInput, TResult>(Batching<TInput, TResult> batching, TInput input, CancellationToken cancellationToken)
        where TInput : struct => Batcher(batching).Run(input, cancellationToken);

    /// <summary>For derived classes that own more.</summary>
    protected virtual void Dispose(bool disposing)
    {
        lock (_gate)
        {
            if (!disposing || _isDisposed)
            {
                return;
            }

            _isDisposed = true;
        }

        // From here on nobody makes a batcher.
        Session.Faulted -= LogFault;
        _shared.Return();
        _batcher?.Dispose();
        _runs.Dispose();
    }

    internal PredictorDescription Description { get; }

    internal BatchLimits BatchLimits { get; }

    internal SampleCheck SampleCheck => new(Description, _inputs);

    internal PredictorRun NewRun(string owner)
    {
        ThrowIfDisposed();
        return new PredictorRun(Session, _inputs, owner);
    }

    /// <summary>Begins a call.</summary>
    /// <param name="samples">How many samples it answers.</param>
    internal PredictorCall StartCall(int samples)
    {
        ThrowIfDisposed();
        var run = _runs.Rent();
        run.Reset();
        return new PredictorCall(this, run, samples, null);
    }

    /// <summary>A call that has run, for who reads its outputs later.</summary>
    internal PredictorCall ContinueCall(PredictorRun run, int samples) => new(this, run, samples, null);

    /// <summary>Begins a call that carries state on.</summary>
    internal PredictorCall StartCall(PredictorStream stream)
    {
        var call = StartCall(1);
        return call.With(stream);
    }

    internal void Run(PredictorRun run, int samples, CancellationToken cancellationToken) =>
        PredictorTelemetry.Run(_name, run, samples, isInPlace: false, cancellationToken);

    internal void RunInPlace(PredictorRun run, CancellationToken cancellationToken)
    {
        ThrowIfDisposed();
        PredictorTelemetry.Run(_name, run, samples: 1, isInPlace: true, cancellationToken);
    }

    internal void Return(PredictorRun run) => _runs.Return(run);

    internal void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(_isDisposed, this);

    private void LogFault(ProviderFault fault) => Log(LogSeverity.Error, $"{ProviderFaultException.TextOf(fault)}");

    private void Log(LogSeverity severity, FormattableString text) =>
        _options.Log?.Invoke(new OrtLogMessage(severity, PredictorTelemetry.Name, _name, FormattableString.Invariant(text)));

    private static BatchLimits Limits(BatchLimits? built, PredictorOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(options.SharedThreads ?? 0, nameof(options.SharedThreads));
        ArgumentOutOfRangeException.ThrowIfNegative(options.ArenaLimit ?? 0, nameof(options.ArenaLimit));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxBatch ?? 1, 1, nameof(options.MaxBatch));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.QueueCapacity, 1, nameof(options.QueueCapacity));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.BatchWorkers, 1, nameof(options.BatchWorkers));
        if (options.SharedThreads is not null && (options.IntraOpThreads is not null || options.AllowSpinning))
        {
            throw new ArgumentException($"{nameof(options.SharedThreads)} are neither the predictor's own ({nameof(options.IntraOpThreads)}) nor spin ({nameof(options.AllowSpinning)}).", nameof(options));
        }

        built ??= new BatchLimits(null, 1, 0);
        return built with
        {
            Max = options.MaxBatch ?? built.Max,
            WindowMicroseconds = options.BatchWindow is { } window ? (int)window.TotalMicroseconds : built.WindowMicroseconds,
        };
    }

    private MicroBatcher<TInput, TResult> Batcher<TInput, TResult>(Batching<TInput, TResult> batching)
        where TInput : struct
    {
        if (Volatile.Read(ref _batcher) is { } existing)
        {
            return (MicroBatcher<TInput, TResult>)existing;
        }

        lock (_gate)
        {
            ThrowIfDisposed();
            var made = (MicroBatcher<TInput, TResult>?)_batcher ?? new MicroBatcher<TInput, TResult>(
                new BatchRunner<TInput, TResult>(this, batching),
                TimeSpan.FromMicroseconds(BatchLimits.WindowMicroseconds), _options.QueueCapacity, _options.BatchWorkers, _name);
            _batcher = made;
            return made;
        }
    }
}
