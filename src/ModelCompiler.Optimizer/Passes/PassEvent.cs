namespace ModelCompiler.Optimizer.Passes;

/// <summary>Whether a pass changed something or declined to.</summary>
public enum PassEventKind
{
    Applied,
    Refused,
}

/// <summary>A line of <c>modelc compile --explain</c>: which pass did, or refused to do, what at which node.</summary>
public sealed record PassEvent(string Pass, string Where, string Text, PassEventKind Kind);
