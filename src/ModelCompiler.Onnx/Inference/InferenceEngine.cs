namespace ModelCompiler.Onnx.Inference;

/// <summary>Walks graphs in topological order, lets each node's rule speak, and writes what it says into the values.</summary>
internal sealed class InferenceEngine
{
    // As deep as any file that is read may nest; only graphs that were built by hand can be deeper.
    private const int MaxDepth = 64;

    private readonly Model _model;
    private readonly long _defaultOpset;
    private readonly List<InferenceIssue> _issues = [];

    public InferenceEngine(Model model)
    {
        _model = model;
        _defaultOpset = OpsetOf("");
    }

    public IReadOnlyList<InferenceIssue> Issues => _issues;

    /// <summary>How many subgraphs are around the node that is being looked at.</summary>
    public int Depth { get; private set; }

    public void InferMainGraph()
    {
        ForgetIdentities();
        InferGraph(_model.Graph);
    }

    /// <summary>Infers a graph whose inputs have their types.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="secondInput">What is known of the elements of its second input (the condition of a loop).</param>
    /// <returns>False where the graph is nested too deep to look into.</returns>
    public bool InferGraph(Graph graph, IntegerExpression[]? secondInput = null)
    {
        if (Depth >= MaxDepth) return false;
        Depth++;
        foreach (Value input in graph.Inputs)
        {
            input.Elements = null;
            input.Type = TypeMerge.Identify(input.Type);
        }
        if (graph.Inputs.Count > 1) graph.Inputs[1].Elements = secondInput;
        if (!IsInOrder(graph) && graph.SortTopologically() is { } onCycle) Report(onCycle, "the node depends on its own output", isContradiction: true);
        foreach (Node node in graph.Nodes) InferNode(node);
        Depth--;
        return true;
    }

    public void InferNode(Node node)
    {
        var context = new InferenceContext(this, node, node.Domain.Length == 0 ? _defaultOpset : OpsetOf(node.Domain));
        if (RuleTable.Find(node.Domain, node.OpType) is { } rule) rule(context);
        else context.Because(UnknownOperator(node));
        Commit(context);
    }

    /// <summary>Forgets what was reported since there were <paramref name="count"/> issues: the round they come from is done again.</summary>
    public void ForgetIssues(int count) => _issues.RemoveRange(count, _issues.Count - count);

    /// <summary>Sizes without a name that an earlier inference found tell nothing now: the graph may have changed since.</summary>
    private void ForgetIdentities()
    {
        static OnnxType? Forget(OnnxType? type) => TypeMerge.Map(type, dim => dim.IsUnknown ? Dim.Unknown : dim);
        foreach (Node node in _model.Graph.AllNodes())
        {
            foreach (Value output in node.Outputs) output.Type = Forget(output.Type);
            foreach (Graph subgraph in node.Subgraphs)
                foreach (Value input in subgraph.Inputs) input.Type = Forget(input.Type);
        }
    }

    private void Commit(InferenceContext context)
    {
        Node node = context.Node;
        bool isIncomplete = context.HasFresh;
        for (int i = 0; i < node.Outputs.Length; i++)
        {
            Value output = node.Outputs[i];
            if (output.Name.Length == 0) continue;
            OnnxType? inferred = context.OutputType(i);
            OnnxType? declared = output.Type;
            if (inferred is not null && declared is not null && !inferred.IsCompatible(declared))
                Report(node, $"output '{output}' is declared as {declared}, but the operator makes it {inferred}", isContradiction: true);
            OnnxType? joined = TypeMerge.Join(inferred, declared, keepsNames: output.IsOutput && node.Graph.OwnerNode is null);
            output.Type = TypeMerge.Identify(joined);
            output.Elements = context.OutputElements(i);
            // A dimension that had to be given an identity is one that got lost here.
            isIncomplete |= joined is null or TensorType { Shape: null } or TensorType { ElementType: ElementType.Undefined } || !ReferenceEquals(joined, output.Type);
        }
        // A contradiction is reason enough.
        bool isExplained = context.Reason is null && context.Contradictions.Count > 0;
        if (isIncomplete && !isExplained) Report(node, context.Reason ?? MissingInput(node), isContradiction: false);
        foreach (string contradiction in context.Contradictions) Report(node, contradiction, isContradiction: true);
    }

    private void Report(Node node, string reason, bool isContradiction) => _issues.Add(new InferenceIssue(node, reason, isContradiction));

    private long OpsetOf(string domain) => _model.Opsets.TryGetValue(domain, out long version) ? version
        : domain.Length == 0 && _model.Opsets.TryGetValue("ai.onnx", out version) ? version
        : domain == "ai.onnx" ? _defaultOpset : 1;

    private string UnknownOperator(Node node)
    {
        string name = node.Domain.Length == 0 ? node.OpType : $"{node.Domain}.{node.OpType}";
        bool isFunction = _model.Functions.Exists(f => f.Name == node.OpType && f.Domain == node.Domain);
        return isFunction ? $"{name} is a local function that has not been inlined" : $"there is no inference rule for operator {name}";
    }

    private static string MissingInput(Node node)
    {
        foreach (Value? input in node.Inputs)
        {
            if (input is not null && input.Type is null or TensorType { Shape: null })
                return $"the {(input.Type is null ? "type" : "rank")} of input '{input}' is unknown";
        }
        return "a dimension or an element that decides it is not known before the run";
    }

    private static bool IsInOrder(Graph graph)
    {
        var seen = new HashSet<Node>(graph.Nodes.Count);
        foreach (Node node in graph.Nodes)
        {
            if (!ReadsOnly(node, graph, seen)) return false;
            foreach (Graph subgraph in node.Subgraphs)
            {
                foreach (Node inner in subgraph.AllNodes())
                    if (!ReadsOnly(inner, graph, seen)) return false;
                foreach (Value output in subgraph.Outputs)
                    if (!IsReady(output, graph, seen)) return false;
            }
            seen.Add(node);
        }
        return true;
    }

    private static bool ReadsOnly(Node node, Graph graph, HashSet<Node> seen)
    {
        foreach (Value? input in node.Inputs)
            if (input is not null && !IsReady(input, graph, seen)) return false;
        return true;
    }

    private static bool IsReady(Value value, Graph graph, HashSet<Node> seen) =>
        value.Producer is not { } producer || !ReferenceEquals(producer.Graph, graph) || seen.Contains(producer);
}
