namespace ModelCompiler.Manifests;

/// <summary>How samples are gathered into one run.</summary>
/// <param name="Size">The number of samples that every run has; null where it is open.</param>
/// <param name="Max">The number of samples that a run has at most.</param>
/// <param name="WindowMicroseconds">How long a call waits for others to share its run.</param>
internal sealed record ManifestBatch(int? Size, int Max, int WindowMicroseconds)
{
    public static ManifestBatch Default { get; } = new(null, 32, 0);
}
