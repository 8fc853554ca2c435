using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Targets;

namespace ModelCompiler.Optimizer.Quantization;

/// <summary>Which nodes are to run on integers, and how; made by <see cref="QuantizationPlanner"/>.</summary>
public sealed class QuantizationPlan
{
    private readonly Dictionary<Node, IntegerForm> _forms = [];
    private readonly IntegerLayout _layout;

    internal QuantizationPlan(IntegerLayout layout) => _layout = layout;

    /// <summary>The nodes on integers, in the order of the graph.</summary>
    public IReadOnlyDictionary<Node, IntegerForm> Forms => _forms;

    /// <summary>Compute nodes that stay in floating point, with the reason.</summary>
    public List<(Node Node, string Reason)> Refusals { get; } = [];

    /// <summary>How a node runs; <see cref="IntegerForm.None"/> for floating point.</summary>
    public IntegerForm FormOf(Node? node) => node is null ? IntegerForm.None : _forms.GetValueOrDefault(node);

    /// <summary>The value that a node hands on: behind the clamp that saturation replaces, if there is one.</summary>
    public Value Outgoing(Value value) =>
        AbsorbedClamp(value) is { } clamp ? clamp.Output : value;

    /// <summary>The clamp that the quantized range of <paramref name="value"/> makes superfluous, or null.</summary>
    public Node? AbsorbedClamp(Value value) =>
        value.HasSingleUse && value.Uses[0].Node is { } user && FormOf(user) == IntegerForm.Clamp
        && FormOf(value.Producer) is IntegerForm.Compute or IntegerForm.Arithmetic ? user : null;

    /// <summary>Whether some node on integers reads the value, itself or behind a clamp that is absorbed.</summary>
    public bool HasIntegerUse(Value value)
    {
        foreach (Use use in Outgoing(value).Uses)
            if (FormOf(use.Node) != IntegerForm.None && QuantizationPlanner.IsActivation(use.Node, use.Index)) return true;
        return false;
    }

    /// <summary>Whether a product is handed on in floating point straight from its accumulators, which costs and loses less than a detour through 8 bits.</summary>
    public bool HasFloatOutput(Node node) => MayHaveFloatOutput(node) && !HasIntegerUse(node.Output);

    /// <summary>Whether it would be, if nothing on integers read it.</summary>
    internal bool MayHaveFloatOutput(Node node) => FormOf(node) == IntegerForm.Compute && _layout.FloatOutputs.Contains(node.OpType);

    /// <summary>The values that are to be quantized, whose ranges must be known: what nodes on integers read from floating point, and what they compute anew.</summary>
    public IReadOnlyList<Value> Roots()
    {
        var roots = new List<Value>();
        var seen = new HashSet<Value>();
        foreach ((Node node, IntegerForm form) in _forms)
        {
            for (int i = 0; i < node.Inputs.Length; i++)
                if (QuantizationPlanner.IsActivation(node, i) && !IsInteger(node.Inputs[i]!) && seen.Add(node.Inputs[i]!)) roots.Add(node.Inputs[i]!);
            if (form is IntegerForm.Compute or IntegerForm.Arithmetic && !HasFloatOutput(node) && seen.Add(Outgoing(node.Output))) roots.Add(Outgoing(node.Output));
        }
        return roots;
    }

    private bool IsInteger(Value value) => value.Producer is { } producer && FormOf(producer) != IntegerForm.None && !HasFloatOutput(producer);

    internal void Set(Node node, IntegerForm form) => _forms[node] = form;

    internal bool Remove(Node node) => _forms.Remove(node);
}
