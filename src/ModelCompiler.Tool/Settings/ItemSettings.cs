using ModelCompiler.Optimizer.Compilation;

namespace ModelCompiler.Tool.Settings;

/// <summary>What an <c>OptimizedModel</c> item, or the command line, asks for. The defaults are those of an item without metadata.</summary>
internal sealed record ItemSettings
{
    public Precision Precision { get; init; } = Precision.Float32;

    /// <summary>In order of preference.</summary>
    public IReadOnlyList<string> ExecutionProviders { get; init; } = ["Cpu"];

    public string TargetCpu { get; init; } = "Portable";

    /// <summary>The outputs that are wanted; empty for all.</summary>
    public IReadOnlyList<string> Outputs { get; init; } = [];

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

    public bool IsPublic { get; init; } = true;
}
