using ModelCompiler.Onnx;

namespace ModelCompiler.Optimizer.Passes.Cleanup;

/// <summary>
/// y = f(x), z = f(x): what reads z reads y. Values are numbered in topological order (Cocke and Schwartz 1970), a subgraph sees what stands before
/// it in the graphs around it. Operands of exactly commutative operators may be swapped; random operators and nodes with subgraphs never merge.
/// </summary>
public sealed class CommonSubexpressions : IPass
{
    /// <inheritdoc/>
    public string Name => "common-subexpressions";

    /// <inheritdoc/>
    public bool KeepsTypes => true;

    /// <inheritdoc/>
    public void Apply(PassContext context) => Visit(context.Graph, null, context);

    private static void Visit(Graph graph, Scope? outer, PassContext context)
    {
        var scope = new Scope(outer);
        foreach (Node node in graph.Nodes)
        {
            if (context.IsExhausted) return;
            foreach (Graph subgraph in node.Subgraphs) Visit(subgraph, scope, context);
            if (!IsMergeable(node)) continue;
            var key = new Expression(node);
            if (scope.Find(key) is not { } first) scope.Add(key);
            else if (CanStandFor(first, node)) Merge(node, first, context);
        }
    }

    // An Identity is there for a name. A node without inputs or outputs is not worth the look.
    private static bool IsMergeable(Node node) =>
        node.Outputs.Length > 0 && !node.Is("Identity") && !RandomOperators.Contains(node) && !node.Subgraphs.Any();

    private static bool CanStandFor(Node first, Node node)
    {
        for (int i = 0; i < node.Outputs.Length; i++)
        {
            Value output = node.Outputs[i];
            if (output.IsUnused) continue;
            if (i >= first.Outputs.Length || first.Outputs[i].Name.Length == 0) return false;
            if (output.Type is { } type && first.Outputs[i].Type is { } other && !type.IsCompatible(other)) return false;
        }
        return true;
    }

    private static void Merge(Node node, Node first, PassContext context)
    {
        string where = node.ToString();
        for (int i = 0; i < node.Outputs.Length; i++)
            if (!node.Outputs[i].IsUnused) node.Graph.ReplaceAllUses(node.Outputs[i], first.Outputs[i]);
        node.Graph.Remove(node);
        context.Changed(where, $"computes the same as '{first}'");
    }

    /// <summary>The expressions that a graph has computed so far.</summary>
    private sealed class Scope(Scope? outer)
    {
        private readonly Dictionary<Expression, Node> _nodes = [];

        public Node? Find(Expression key)
        {
            for (Scope? scope = this; scope is not null; scope = scope.Outer)
                if (scope._nodes.TryGetValue(key, out Node? node)) return node;
            return null;
        }

        public void Add(Expression key) => _nodes.Add(key, key.Node);

        private Scope? Outer => outer;
    }
}
