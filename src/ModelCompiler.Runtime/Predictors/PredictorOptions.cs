namespace ModelCompiler.Runtime;

/// <summary>How a predictor runs in this program. The defaults are those of the build. A predictor reads them once, when it is made.</summary>
public sealed record PredictorOptions
{
    /// <summary>Where the model is instead; relative to the program's folder. It must be the very same file.</summary>
    public string? ModelPath { get; set; }

    /// <summary>
    /// Threads within an operator; 0 for one per core, null for what the build chose, which is one: a predictor may be
    /// called from many threads, and each call then keeps to its own.
    /// </summary>
    public int? IntraOpThreads { get; set; }

    /// <summary>
    /// Threads within an operator that all predictors of the process with this option share, the caller's included, instead of <see cref="IntraOpThreads"/>; 0
    /// for one per core. The first predictor of the process decides how many there are: another number later is an error. They never spin.
    /// </summary>
    public int? SharedThreads { get; set; }

    /// <summary>
    /// How many bytes of the memory of runs are kept for the next ones where inputs have open sizes; null for 64 MiB. What ever new sizes need beyond goes
    /// back to the system.
    /// </summary>
    public long? ArenaLimit { get; set; }

    /// <summary>Whether waiting threads burn their core to wake up faster.</summary>
    public bool AllowSpinning { get; set; }

    /// <summary>How many calls of <c>PredictAsync</c> may share a run; null for what the build chose. A model whose batch has a fixed size keeps it.</summary>
    public int? MaxBatch { get; set; }

    /// <summary>How long a call of <c>PredictAsync</c> waits for others to share its run; null for what the build chose.</summary>
    public TimeSpan? BatchWindow { get; set; }

    /// <summary>How many calls of <c>PredictAsync</c> may wait for their run; further callers wait for room.</summary>
    public int QueueCapacity { get; set; } = 1024;

    /// <summary>How many shared runs may be under way at a time, each on a thread of its own.</summary>
    public int BatchWorkers { get; set; } = 1;

    /// <summary>Other execution providers than those of the item, in order of preference; null for those of the item.</summary>
    public IReadOnlyList<ExecutionProviderChoice>? ExecutionProviders { get; set; }

    /// <summary>
    /// What the predictor has to say: where it runs once it is open, and that its execution provider failed. Called from any thread; must not throw.
    /// </summary>
    public Action<OrtLogMessage>? Log { get; set; }

    /// <summary>
    /// Where what an execution provider compiles is kept for the next start, such as TensorRT's engines: null for a folder of the user's, and empty for
    /// nowhere.
    /// </summary>
    public string? CompiledFolder { get; init; }

    /// <summary>Last changes to the session's options, for what has no property here.</summary>
    public Func<SessionOptions, SessionOptions>? ConfigureSession { get; set; }

    /// <summary>The library, where it is not that of the process.</summary>
    internal NativeEnvironment? Environment { get; set; }
}
