using ModelCompiler.Onnx;

namespace ModelCompiler.Optimizer.Passes.Precision;

/// <summary>
/// Computes a graph and its subgraphs in 16 bits: for providers that run them natively. Inputs and outputs of the model keep their types; nodes that
/// cannot, or whose constants the format cannot hold, stay in float32 between Casts. Types are inferred anew from what is left.
/// </summary>
public sealed class HalfConversion(HalfFormat format) : IPass
{
    private readonly List<(string Node, string Reason)> _refusals = [];
    private bool _isCarriedOut;

    /// <inheritdoc/>
    public string Name => "half-conversion";

    /// <inheritdoc/>
    public void Apply(PassContext context)
    {
        if (!_isCarriedOut) Convert(context.Graph, context);
        _isCarriedOut = true;
        foreach ((string node, string reason) in _refusals) context.Refused(node, reason);
    }

    private void Convert(Graph main, PassContext context)
    {
        main.SortTopologically();
        if (NarrowGraph.Unknown(main) is { } unknown)
        {
            _refusals.Add((unknown.Name, $"its type is not known, so that nothing is computed in {format.Name}"));
            return;
        }
        var rules = new HalfRules(main, format, context.Target);
        _refusals.AddRange(rules.Refusals);
        List<Node> nodes = [.. main.AllNodes()];
        new NarrowGraph(main, ElementType.Float, format.ElementType, "_half")
        {
            StaysWide = rules.IsInFloat,
            WantsWide = rules.WantsFloat,
            Constant = constant => format.Of(constant, out _),
            // What is beyond its range is infinite in the format too.
            Rounded = format.Rounded,
        }.Convert();
        context.Changed(main.Name, $"computed in {format.Name}: {nodes.Count(node => !rules.IsInFloat(node))} of {nodes.Count} nodes");
    }
}
