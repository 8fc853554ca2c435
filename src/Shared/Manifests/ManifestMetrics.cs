namespace ModelCompiler.Manifests;

/// <summary>What the build measured; null where it was not asked to.</summary>
internal sealed record ManifestMetrics
{
    /// <summary>Accuracy of the source model on the evaluation samples, from 0 to 1.</summary>
    public double? AccuracyFloat { get; init; }

    /// <summary>Accuracy of the compiled model on the evaluation samples, from 0 to 1.</summary>
    public double? AccuracyCompiled { get; init; }

    /// <summary>Fraction of samples for which both models give the same answer.</summary>
    public double? Agreement { get; init; }

    /// <summary>Median latency of the compiled model over that of the source model.</summary>
    public double? LatencyRatio { get; init; }

    public int NodesQuantized { get; init; }

    public int NodesFloat { get; init; }
}
