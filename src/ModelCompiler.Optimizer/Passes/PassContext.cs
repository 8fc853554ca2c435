using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Targets;

namespace ModelCompiler.Optimizer.Passes;

/// <summary>What a pass works on, and where it says what it did.</summary>
public sealed class PassContext
{
    private readonly List<PassEvent> _events = [];

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

    /// <summary>What was done and refused, in order.</summary>
    public IReadOnlyList<PassEvent> Events => _events;

    /// <summary>How many changes were recorded.</summary>
    public int ChangeCount { get; private set; }

    /// <summary>How many changes may still be made; <c>modelc bisect</c> counts it down to find the change that alters an answer.</summary>
    public int ChangeBudget { get; init; } = int.MaxValue;

    /// <summary>Whether no further change may be made.</summary>
    public bool IsExhausted => ChangeCount >= ChangeBudget;

    /// <summary>Records a change: what became of which node.</summary>
    public void Changed(string where, string what)
    {
        ChangeCount++;
        _events.Add(new PassEvent(CurrentPass, where, what, PassEventKind.Applied));
    }

    /// <summary>Records why a rewrite that looked possible was not made.</summary>
    public void Refused(string where, string reason) => _events.Add(new PassEvent(CurrentPass, where, reason, PassEventKind.Refused));
}
