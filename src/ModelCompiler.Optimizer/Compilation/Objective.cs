namespace ModelCompiler.Optimizer.Compilation;

/// <summary>What <see cref="Precision.Auto"/> looks for.</summary>
public enum Objective
{
    /// <summary>The least time for one sample on one thread.</summary>
    Latency,

    /// <summary>The least time for a batch on all processors.</summary>
    Throughput,

    /// <summary>The smallest file that is not slower.</summary>
    Size,
}
