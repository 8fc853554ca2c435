using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Targets;

namespace ModelCompiler.Optimizer.Passes;

/// <summary>What a pass works on, and where it says what it did.</summary>
public sealed class PassContext
{
    private readonly List<PassEvent> _changes = [];
    private readonly Dictionary<string, List<PassEvent>> _refusals = new(StringComparer.Ordinal);
    private readonly Dictionary<string, PassTime> _times = new(StringComparer.Ordinal);

    /// <summary>A context for one run of the pipeline.</summary>
    public PassContext(Model model, TargetProfile target)
    {
        Model = model;
        Target = target;
    }

    /// <summary>The model.</summary>
    public Model Model { get; }

    /// <summary>The main graph.</summary>
    public Graph Graph => Model.Graph;

    /// <summary>What the execution provider can do: passes ask this, never for the provider's name.</summary>
    public TargetProfile Target { get; }

    /// <summary>The pass that is running.</summary>
    public string CurrentPass { get; internal set; } = "";

    /// <summary>What was done, in order, then what was refused for good: a pass that runs again takes its earlier refusals back.</summary>
    public IReadOnlyList<PassEvent> Events => [.. _changes, .. _refusals.Values.SelectMany(list => list)];

    /// <summary>What was done, in order.</summary>
    public IReadOnlyList<PassEvent> Changes => _changes;

    /// <summary>How long each pass took over all of its runs, in the order of their first.</summary>
    public IReadOnlyCollection<PassTime> Times => _times.Values;

    /// <summary>How many changes were recorded.</summary>
    public int ChangeCount => _changes.Count;

    /// <summary>The last change, or null.</summary>
    public PassEvent? LastChange => _changes.Count > 0 ? _changes[^1] : null;

    /// <summary>How many changes may be made in all; <c>modelc bisect</c> limits them to find the change that alters an answer.</summary>
    public int ChangeBudget { get; init; } = int.MaxValue;

    /// <summary>Whether no further change may be made.</summary>
    public bool IsExhausted => ChangeCount >= ChangeBudget;

    /// <summary>Records a change: what became of which node. One call per edit that leaves the graph valid, so that bisection can stop after any.</summary>
    public void Changed(string where, string what) => _changes.Add(new PassEvent(CurrentPass, where, what, PassEventKind.Applied));

    /// <summary>Records why a rewrite that looked possible was not made.</summary>
    public void Refused(string where, string reason)
    {
        if (!_refusals.TryGetValue(CurrentPass, out List<PassEvent>? list)) _refusals.Add(CurrentPass, list = []);
        list.Add(new PassEvent(CurrentPass, where, reason, PassEventKind.Refused));
    }

    internal void Begin(IPass pass)
    {
        CurrentPass = pass.Name;
        _refusals.Remove(pass.Name);
    }

    internal void End(IPass pass, TimeSpan elapsed, int changes)
    {
        PassTime time = _times.GetValueOrDefault(pass.Name) ?? new PassTime(pass.Name, TimeSpan.Zero, 0, 0);
        _times[pass.Name] = time with { Elapsed = time.Elapsed + elapsed, Runs = time.Runs + 1, Changes = time.Changes + changes };
    }
}
