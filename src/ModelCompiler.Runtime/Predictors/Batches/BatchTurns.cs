namespace ModelCompiler.Runtime;

/// <summary>
/// How many calls a run takes where nobody asked to wait for others. Callers that come back once they are answered make two groups that take turns, one runs
/// while the other is answered: so a run takes half of those that are about. Left to chance the groups are of any sizes, and runs of one or two calls
/// cost as much as larger ones. Not safe for use by several threads at a time.
/// </summary>
internal sealed class BatchTurns
{
    private const int PartOfRun = 8;

    private static readonly TimeSpan LongestPatience = TimeSpan.FromMicroseconds(100);

    private int _half;

    /// <summary>How long a run may wait for its half to come back: a small part of a run, and never long.</summary>
    public TimeSpan Patience { get; private set; }

    /// <summary>Whether as many wait as a run should have.</summary>
    public bool IsEnough(int waiting) => waiting >= _half;

    /// <summary>How many of those that wait the next run takes at most.</summary>
    public int Share(int waiting) => Math.Max(_half, (waiting + 1) / 2);

    /// <summary>A run is over.</summary>
    /// <param name="waiting">The calls that came while it ran.</param>
    /// <param name="answered">The calls that were in it.</param>
    /// <param name="duration">How long it took.</param>
    public void Ended(int waiting, int answered, TimeSpan duration)
    {
        _half = (waiting + answered + 1) / 2;
        Patience = duration / PartOfRun is var part && part < LongestPatience ? part : LongestPatience;
    }
}
