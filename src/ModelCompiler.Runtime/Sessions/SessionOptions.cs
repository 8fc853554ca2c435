namespace ModelCompiler.Runtime;

/// <summary>How a session is opened. The defaults are quiet: one thread, no spinning, errors only.</summary>
public sealed record SessionOptions
{
    /// <summary>How far ONNX Runtime rewrites the graph.</summary>
    public GraphOptimization GraphOptimization { get; init; } = GraphOptimization.All;

    /// <summary>
    /// Threads within an operator, the caller's included; 0 for one per core. One by default: a program that runs a
    /// session from many threads is then as parallel as it asks for, and no session takes the cores from another.
    /// </summary>
    public int IntraOpThreads { get; init; } = 1;

    /// <summary>Threads for operators that do not depend on each other; only used by graphs with branches.</summary>
    public int InterOpThreads { get; init; } = 1;

    /// <summary>
    /// Threads within an operator that all sessions of the process with this option share, the caller's included; 0 for one per core, null for threads of
    /// the session's own (<see cref="IntraOpThreads"/>). Decided once in a process, by the first session that is opened. They never spin.
    /// </summary>
    public int? SharedThreads { get; init; }

    /// <summary>Whether waiting threads burn their core to wake up faster.</summary>
    public bool AllowSpinning { get; init; }

    /// <summary>Where to write the graph as ONNX Runtime rewrote it, or null.</summary>
    public string? OptimizedModelPath { get; init; }

    /// <summary>Start of the path of the profile that <see cref="InferenceSession.EndProfiling"/> writes, or null.</summary>
    public string? ProfilingPrefix { get; init; }

    /// <summary>The lowest severity that is logged.</summary>
    public LogSeverity LogSeverity { get; init; } = LogSeverity.Error;

    /// <summary>Whether memory of runs is kept for the next ones: faster.</summary>
    public bool UseCpuArena { get; init; } = true;

    /// <summary>
    /// How many bytes of it are kept where inputs have open sizes, beside the weights; null for all. With ever new shapes memory would grow: what is more
    /// goes back to the system, looked at every few runs.
    /// </summary>
    public long? ArenaLimit { get; init; } = 64 << 20;

    /// <summary>Whether memory is planned for the whole run when all shapes are known.</summary>
    public bool UseMemoryPattern { get; init; } = true;

    /// <summary>Values for symbolic dimensions.</summary>
    public IReadOnlyDictionary<string, long> FixedDimensions { get; init; } = new Dictionary<string, long>();

    /// <summary>
    /// Whether products of bytes are added exactly on x64 processors without VNNI too, where sums of two saturate in 16 bits: for weights that use all of
    /// their 8 bits. Costs time there, and nothing on others.
    /// </summary>
    public bool ExactIntegers { get; init; }

    /// <summary>ONNX Runtime's session configuration entries, such as <c>session.disable_prepacking</c>.</summary>
    public IReadOnlyDictionary<string, string> ConfigEntries { get; init; } = new Dictionary<string, string>();

    /// <summary>
    /// Execution providers in order of preference; empty for the CPU. Each that can be used is. Unless the CPU is in the list, it runs no node
    /// but <see cref="HostNodes"/>, and opening fails where the others cannot run the graph.
    /// </summary>
    public IReadOnlyList<ExecutionProviderChoice> ExecutionProviders { get; init; } = [];

    /// <summary>Devices to run on, after <see cref="ExecutionProviders"/>: out of <see cref="OrtEnvironment.Devices"/>, in order of preference.</summary>
    public IReadOnlyList<ProviderDevice> Devices { get; init; } = [];

    /// <summary>Lets ONNX Runtime choose among <see cref="OrtEnvironment.Devices"/> (version 1.22 or newer); null for not.</summary>
    public DevicePolicy? DevicePolicy { get; init; }

    /// <summary>Names of nodes that the CPU may run whatever the providers are: those that compute shapes, which providers leave to it.</summary>
    public IReadOnlySet<string> HostNodes { get; init; } = new HashSet<string>();

    /// <summary>Where what <see cref="ExecutionProviders"/> and <see cref="Devices"/> compile is kept for the next start; null for nowhere.</summary>
    public ArtefactOptions? Artefacts { get; init; }

    /// <summary>Whether <see cref="InferenceSession.Placement"/> tells of nodes on the CPU alone, too.</summary>
    public bool RecordPlacement { get; init; }
}
