namespace ModelCompiler.Runtime;

/// <summary>How samples are gathered into one run.</summary>
/// <param name="Size">The number of samples that every run has, missing ones filled up; null where it is open.</param>
/// <param name="Max">The number of samples that a run has at most.</param>
/// <param name="WindowMicroseconds">How long a call waits for others to share its run.</param>
public sealed record BatchLimits(int? Size, int Max, int WindowMicroseconds);
