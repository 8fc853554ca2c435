namespace ModelCompiler.Runtime;

/// <summary>How a predictor runs in this program. The defaults are those of the build.</summary>
public sealed record PredictorOptions
{
    /// <summary>Where the model is instead; relative to the program's folder. It must be the very same file.</summary>
    public string? ModelPath { get; init; }

    /// <summary>
    /// Threads within an operator; 0 for one per core, null for what the build chose, which is one: a predictor may be
    /// called from many threads, and each call then keeps to its own.
    /// </summary>
    public int? IntraOpThreads { get; init; }

    /// <summary>Whether waiting threads burn their core to wake up faster.</summary>
    public bool AllowSpinning { get; init; }

    /// <summary>How many calls of <c>PredictAsync</c> may share a run; null for what the build chose. A model whose batch has a fixed size keeps it.</summary>
    public int? MaxBatch { get; init; }

    /// <summary>How long a call of <c>PredictAsync</c> waits for others to share its run; null for what the build chose.</summary>
    public TimeSpan? BatchWindow { get; init; }

    /// <summary>How many calls of <c>PredictAsync</c> may wait for their run; further callers wait for room.</summary>
    public int QueueCapacity { get; init; } = 1024;

    /// <summary>How many shared runs may be under way at a time, each on a thread of its own.</summary>
    public int BatchWorkers { get; init; } = 1;

    /// <summary>Other execution providers than those of the item, in order of preference; null for those of the item.</summary>
    public IReadOnlyList<ExecutionProviderChoice>? ExecutionProviders { get; init; }

    /// <summary>
    /// Where what an execution provider compiles is kept for the next start, such as TensorRT's engines: null for a folder of the user's, and empty for
    /// nowhere.
    /// </summary>
    public string? CompiledFolder { get; init; }

    /// <summary>Last changes to the session's options, for what has no property here.</summary>
    public Func<SessionOptions, SessionOptions>? ConfigureSession { get; init; }
}
