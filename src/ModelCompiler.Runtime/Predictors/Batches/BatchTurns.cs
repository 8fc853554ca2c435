namespace ModelCompiler.Runtime;

/// <summary>
/// How many calls a run takes where nobody asked to wait for others. Callers that come back once they are answered make two groups that take turns, one runs
/// while the other is answered: so a run takes half of those that are about. Left to chance the groups are of any sizes, and runs of one or two calls
/// cost as much as larger ones. Where a run takes as long for half of them as for all, one run of all does more: now and then a few turns are taken
/// the other way, and the way that answers more calls in the time is kept. Not safe for use by several threads at a time.
/// </summary>
internal sealed class BatchTurns
{
    private const int PartOfRun = 8;

    /// <summary>Turns to the first decision, how many times as many to each one after it, the most, and how many of them, the last, try the other way.</summary>
    private const int FirstPeriod = 8, Growth = 4, LongestPeriod = 2048, Trial = 2;

    /// <summary>What a way must gain to be changed to: the clock is not that precise, and a trial is short.</summary>
    private const double Gain = 0.05;

    /// <summary>About what the threads of callers take to wake up, and what each caller takes to see its answer and to call again.</summary>
    private static readonly TimeSpan WakeUp = TimeSpan.FromMicroseconds(100), PerCall = TimeSpan.FromMicroseconds(5);

    private int _about, _aboutAtFirst, _turns, _period = FirstPeriod;
    private bool _areAllBetter;
    private TimeSpan _run, _lastEnd, _costOfHalves = TimeSpan.MaxValue, _costOfAll = TimeSpan.MaxValue;

    /// <summary>How long a run may wait for its calls to come back: a small part of a run, and no longer than they should take.</summary>
    public TimeSpan Patience => TimeSpan.FromTicks(Math.Min(_run.Ticks / PartOfRun, (WakeUp + (Group * PerCall)).Ticks));

    private bool TakesAll => _areAllBetter != (_turns >= _period - Trial);

    private int Group => TakesAll ? _about : (_about + 1) / 2;

    /// <summary>Whether as many wait as a run should have.</summary>
    public bool IsEnough(int waiting) => waiting >= Group;

    /// <summary>How many of those that wait the next run takes at most.</summary>
    public int Share(int waiting) => Math.Max(Group, TakesAll ? waiting : (waiting + 1) / 2);

    /// <summary>A run is over.</summary>
    /// <param name="waiting">The calls that came while it ran.</param>
    /// <param name="answered">The calls that were in it.</param>
    /// <param name="duration">How long it took.</param>
    /// <param name="end">When it was over, by any clock.</param>
    public void Ended(int waiting, int answered, TimeSpan duration, TimeSpan end)
    {
        // The quickest turn counts: others were disturbed, or waited for callers who had gone.
        var cost = (end - _lastEnd) / answered;
        if (TakesAll)
        {
            _costOfAll = cost < _costOfAll ? cost : _costOfAll;
        }
        else
        {
            _costOfHalves = cost < _costOfHalves ? cost : _costOfHalves;
        }

        (_about, _run, _lastEnd) = (waiting + answered, duration, end);
        if (_about > 2 * _aboutAtFirst || _about < _aboutAtFirst / 2)
        {
            // What was measured holds for another load.
            _aboutAtFirst = _about;
            Begin(FirstPeriod);
        }
        else if (++_turns == _period)
        {
            Decide();
        }
    }

    private void Decide()
    {
        var (kept, other) = _areAllBetter ? (_costOfAll, _costOfHalves) : (_costOfHalves, _costOfAll);
        _areAllBetter ^= other < kept * (1 - Gain);
        Begin(Math.Min(Growth * _period, LongestPeriod));
    }

    private void Begin(int period) => (_turns, _period, _costOfHalves, _costOfAll) = (0, period, TimeSpan.MaxValue, TimeSpan.MaxValue);
}
