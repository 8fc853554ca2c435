using ModelCompiler.Optimizer.Targets;

namespace ModelCompiler.Optimizer.Compilation;

/// <summary>What is asked of one compilation.</summary>
public sealed record CompileOptions
{
    /// <summary>How numbers are held and computed.</summary>
    public Precision Precision { get; init; } = Precision.Float32;

    /// <summary>Decisions recorded earlier: nothing is measured to find others. Null for none.</summary>
    public CompilationPlan? Plan { get; init; }

    /// <summary>What the graph is laid out for.</summary>
    public TargetProfile Target { get; init; } = TargetProfile.CpuPortable;

    /// <summary>Unlabelled sample inputs (<c>.npz</c>, <c>.npy</c> or a folder of them), arrays named after graph inputs; null for none.</summary>
    public string? CalibrationPath { get; init; }

    /// <summary>Labelled samples: a <c>.npz</c> with the inputs and <c>labels</c>; null for none.</summary>
    public string? EvaluationPath { get; init; }

    /// <summary>The largest loss of accuracy allowed, in points (1 = one sample in a hundred); null for no limit.</summary>
    public double? MaxAccuracyDrop { get; init; }

    /// <summary>Bytes that the compiled model may take; null for any. <see cref="Precision.Auto"/> chooses by it.</summary>
    public double? MaxBytes { get; init; }

    /// <summary>The time that the compiled model may take, as a share of the source's, for a sample on one thread; null for any. <see cref="Precision.Auto"/> chooses by it.</summary>
    public double? MaxLatencyRatio { get; init; }

    /// <summary>Percent of the labelled samples that are to be answered rightly; <see cref="Precision.Auto"/> chooses among what does, where anything does.</summary>
    public double? MinAccuracy { get; init; }

    /// <summary>What <see cref="Precision.Auto"/> looks for.</summary>
    public Objective Objective { get; init; } = Objective.Latency;

    /// <summary>How long <see cref="Precision.Auto"/> looks before it takes the best that it has found.</summary>
    public TimeSpan TuningBudget { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// Whether every gain is looked for, as for a plan that is kept. Otherwise a model that is clearly faster is left as it is, which every
    /// measurement finds alike: only what integers hardly help, or slow down, is divided by what is measured.
    /// </summary>
    public bool IsTuning { get; init; }

    /// <summary>Whether latency of source and result is measured, and a result that is slower is not shipped.</summary>
    public bool MeasureLatency { get; init; } = true;
}
