namespace ModelCompiler.Runtime;

/// <summary>What became of an execution provider when a session was opened.</summary>
/// <param name="Provider">The provider.</param>
/// <param name="Problem">Why it is not used; null where it is.</param>
public sealed record ProviderDecision(ExecutionProvider Provider, string? Problem)
{
    /// <summary>Whether the session runs on it.</summary>
    public bool IsUsed => Problem is null;

    /// <inheritdoc/>
    public override string ToString() => Problem is null ? $"{Provider}: used" : $"{Provider}: not used. {Problem}";
}
