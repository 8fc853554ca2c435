using ModelCompiler.Diagnostics;

namespace ModelCompiler.Onnx;

/// <summary>Which functions of a model call which, and how large a model becomes when all calls are replaced by bodies.</summary>
internal sealed class FunctionCalls
{
    /// <summary>Functions that call each other twice, n deep, grow to 2ⁿ bodies; a real model stays far below this many nodes.</summary>
    private const long MaxNodes = 4 << 20;

    private readonly Dictionary<(string Domain, string Name, string Overload), Function> _functions = [];
    private readonly Dictionary<Function, Extent> _extents = [];

    public FunctionCalls(Model model)
    {
        foreach (Function function in model.Functions) _functions[(function.Domain, function.Name, function.Overload)] = function;
    }

    /// <summary>The nodes of a graph, and how deep graphs are in it, itself counted, after inlining.</summary>
    private readonly record struct Extent(long Nodes, int Depth);

    /// <summary>The function that a node calls, or null for an operator.</summary>
    public Function? Callee(Node node) => _functions.GetValueOrDefault((node.Domain, node.OpType, node.Overload));

    /// <summary>Refuses a model that would grow without bound.</summary>
    /// <exception cref="CompilerException">A function calls itself (OM1004), or the model would have too many nodes (OM1005).</exception>
    public void Check(Graph graph)
    {
        // Depth first with a stack of its own: chains of functions may be longer than a thread's stack.
        foreach (Function function in _functions.Values) Measure(function);
        CheckExtent(ExtentOf(graph));
    }

    private void Measure(Function root)
    {
        var path = new HashSet<Function>();
        var pending = new Stack<Function>();
        pending.Push(root);
        while (pending.TryPeek(out Function? function))
        {
            if (_extents.ContainsKey(function))
            {
                pending.Pop();
            }
            else if (path.Add(function))
            {
                foreach (Function callee in Callees(function))
                {
                    if (path.Contains(callee)) throw new CompilerException(DiagnosticTable.ModelInvalid, $"function '{callee.Name}' calls itself");
                    if (!_extents.ContainsKey(callee)) pending.Push(callee);
                }
            }
            else
            {
                path.Remove(function);
                pending.Pop();
                _extents.Add(function, ExtentOf(function.Body));
                CheckExtent(_extents[function]);
            }
        }
    }

    private IEnumerable<Function> Callees(Function function) => function.Body.AllNodes().Select(Callee).OfType<Function>().Distinct();

    private Extent ExtentOf(Graph graph)
    {
        long nodes = 0;
        int depth = 1;
        foreach (Node node in graph.AllNodes())
        {
            Extent extent = Callee(node) is { } function ? _extents[function] : new Extent(1, 1);
            // Each summand is bounded, and so is their number: no overflow.
            nodes += extent.Nodes;
            depth = Math.Max(depth, LevelOf(node.Graph, graph) + extent.Depth);
        }
        return new Extent(nodes, depth);
    }

    private static int LevelOf(Graph graph, Graph root)
    {
        int level = 0;
        for (Graph? current = graph; !ReferenceEquals(current, root) && current is not null; current = current.Outer) level++;
        return level;
    }

    private static void CheckExtent(Extent extent)
    {
        if (extent.Nodes > MaxNodes) throw new CompilerException(DiagnosticTable.ModelTooLarge, $"with its functions written out it has more than {MaxNodes} nodes");
        if (extent.Depth > ReadLimits.GraphDepth) throw new CompilerException(DiagnosticTable.ModelTooLarge, $"with its functions written out, graphs are nested deeper than {ReadLimits.GraphDepth}");
    }
}
