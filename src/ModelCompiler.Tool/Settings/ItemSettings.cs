using ModelCompiler.Optimizer.Compilation;
using ModelCompiler.Optimizer.Signature;
using ModelCompiler.Optimizer.Targets;
using ModelCompiler.Runtime;

namespace ModelCompiler.Tool.Settings;

/// <summary>What an <c>OptimizedModel</c> item, or the command line, asks for. The defaults are those of an item without metadata.</summary>
internal sealed record ItemSettings
{
    /// <summary>The settings as they were written, in ordinal order of their names: what a compilation is known by.</summary>
    public IReadOnlyList<GivenSetting> Given { get; init; } = [];

    public Precision Precision { get; init; } = Precision.Float32;

    /// <summary>In order of preference.</summary>
    public IReadOnlyList<ExecutionProvider> ExecutionProviders { get; init; } = [ExecutionProvider.Cpu];

    /// <summary>What the item says of their options, as it says it: they are read once the providers are known.</summary>
    public string ProviderOptionText { get; init; } = "";

    /// <summary>The providers with their options.</summary>
    public IReadOnlyList<ExecutionProviderChoice> ProviderChoices { get; init; } = [new(ExecutionProvider.Cpu)];

    /// <summary>Whether a provider comes before the CPU.</summary>
    public bool IsAccelerated => ExecutionProviders[0] != ExecutionProvider.Cpu;

    /// <summary>Whether the CPU may run what the providers do not.</summary>
    public bool FallsBackToCpu => ExecutionProviders.Contains(ExecutionProvider.Cpu);

    public TargetCpu TargetCpu { get; init; }

    /// <summary>The outputs that are wanted; empty for all.</summary>
    public IReadOnlyList<string> Outputs { get; init; } = [];

    public IReadOnlyList<string> OptionalInputs { get; init; } = [];

    /// <summary>Sizes of open dimensions, by symbol or as <c>input:axis</c>.</summary>
    public IReadOnlyDictionary<string, long> Dimensions { get; init; } = new Dictionary<string, long>();

    /// <summary>Full path, or null.</summary>
    public string? Calibration { get; init; }

    /// <summary>Full path, or null.</summary>
    public string? Evaluation { get; init; }

    /// <summary>In points: 1 is one sample in a hundred.</summary>
    public double? MaxAccuracyDrop { get; init; }

    /// <summary>In percent.</summary>
    public double? MinAccuracy { get; init; }

    /// <summary>In millions of bytes.</summary>
    public double? MaxSizeMB { get; init; }

    public double? MaxLatencyRatio { get; init; }

    /// <summary>What <see cref="Precision.Auto"/> looks for.</summary>
    public Objective Objective { get; init; } = Objective.Latency;

    /// <summary>How long <see cref="Precision.Auto"/> looks.</summary>
    public TimeSpan TuningBudget { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>64 lower-case hexadecimal digits, or null.</summary>
    public string? Sha256 { get; init; }

    /// <summary>Null where it is made from the name of the model.</summary>
    public string? ClassName { get; init; }

    /// <summary>Null for the root namespace of the project.</summary>
    public string? Namespace { get; init; }

    /// <summary>Names of members by the names of tensors.</summary>
    public IReadOnlyDictionary<string, string> Rename { get; init; } = new Dictionary<string, string>();

    /// <summary>The outputs that feed inputs with their state, by the names of the inputs.</summary>
    public IReadOnlyDictionary<string, string> State { get; init; } = new Dictionary<string, string>();

    /// <summary>Full path of the file with the names of the classes, or null.</summary>
    public string? Labels { get; init; }

    /// <summary>Samples of every run; null where the model decides.</summary>
    public int? Batch { get; init; }

    /// <summary>Samples of a run at most.</summary>
    public int? MaxBatch { get; init; }

    public int? BatchWindowMicroseconds { get; init; }

    /// <summary>Preprocessing of a picture, or null.</summary>
    public ImageOptions? Image { get; init; }

    /// <summary>Whether the model travels in the assembly.</summary>
    public bool IsEmbedded { get; init; }

    public bool IsPublic { get; init; } = true;
}
