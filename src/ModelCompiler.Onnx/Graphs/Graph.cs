namespace ModelCompiler.Onnx;

/// <summary>
/// A graph of nodes over values, mutable in place. Every edit keeps producers, uses and outputs true; a value is replaced only by one of a
/// compatible type (<see cref="ReplaceAllUses"/>), which is the one place where rewrites meet the rest of the graph.
/// </summary>
public sealed class Graph
{
    private readonly List<Value> _inputs = [];
    private readonly List<Value> _outputs = [];
    private readonly LinkedSet _initializers = new();
    private readonly NameScope _names;

    /// <summary>An empty graph. A subgraph is given the graph that will hold its node, whose names it must not shadow.</summary>
    public Graph(string name, Graph? outer = null)
    {
        Name = name;
        _names = outer?._names ?? new NameScope();
        Nodes = new NodeList();
    }

    /// <summary>The name for people.</summary>
    public string Name { get; set; }

    /// <summary>The documentation of the file.</summary>
    public string Doc { get; set; } = "";

    /// <summary>The node whose attribute holds this subgraph; null for the graph of a model or function.</summary>
    public Node? OwnerNode { get; internal set; }

    /// <summary>The graph around this one, or null.</summary>
    public Graph? Outer => OwnerNode?.Graph;

    /// <summary>The parameters, in order.</summary>
    public IReadOnlyList<Value> Inputs => _inputs;

    /// <summary>The results, in order; one value may stand here twice.</summary>
    public IReadOnlyList<Value> Outputs => _outputs;

    /// <summary>The values that are constants, in the order in which they were added.</summary>
    public IReadOnlyCollection<Value> Initializers => _initializers;

    /// <summary>The nodes, in an order that need not be topological until <see cref="Topology.SortTopologically"/>.</summary>
    public NodeList Nodes { get; }

    /// <summary>What the file said of the graph that this model does not hold (unknown fields, quantization annotations, metadata).</summary>
    internal object? Extras { get; set; }

    /// <summary>Adds a parameter. An empty name gets a fresh one.</summary>
    public Value AddInput(string name, OnnxType? type)
    {
        var value = new Value(this, Claim(name, "input"), type) { IsInput = true };
        _inputs.Add(value);
        return value;
    }

    /// <summary>Removes a parameter that nothing uses.</summary>
    /// <exception cref="InvalidOperationException">The value is used, or no input of this graph.</exception>
    public void RemoveInput(Value value)
    {
        if (!value.IsUnused || !_inputs.Remove(value)) throw new InvalidOperationException($"Input '{value}' is in use or of another graph.");
        value.IsInput = false;
    }

    /// <summary>Adds a constant. The name is a wish: a fresh one is made where it is taken.</summary>
    public Value AddInitializer(string name, Tensor tensor)
    {
        var value = new Value(this, Claim(name, "constant"), tensor.Type) { Initializer = tensor };
        _initializers.Add(value);
        return value;
    }

    /// <summary>Replaces the data of a constant; element type and dimensions may change.</summary>
    public void SetInitializer(Value value, Tensor tensor)
    {
        if (value.Initializer is null || !ReferenceEquals(value.Graph, this)) throw new InvalidOperationException($"'{value}' is no initializer.");
        value.Initializer = tensor;
        value.Type = tensor.Type;
    }

    /// <summary>Removes a constant that nothing uses.</summary>
    /// <exception cref="InvalidOperationException">The value is used, or no initializer of this graph.</exception>
    public void RemoveInitializer(Value value)
    {
        if (!value.IsUnused || !_initializers.Remove(value)) throw new InvalidOperationException($"Initializer '{value}' is in use or of another graph.");
    }

    /// <summary>Makes a constant the last parameter, with its data as the default.</summary>
    /// <exception cref="InvalidOperationException">The value is no initializer of this graph.</exception>
    public void MakeInput(Value constant)
    {
        if (constant.Initializer is null || !_initializers.Remove(constant)) throw new InvalidOperationException($"'{constant}' is no initializer of this graph.");
        constant.Default = constant.Initializer;
        constant.Initializer = null;
        constant.IsInput = true;
        _inputs.Add(constant);
    }

    /// <summary>Hands a value to the outside, as the last output.</summary>
    public void AddOutput(Value value)
    {
        _outputs.Add(value);
        value.OutputCount++;
    }

    /// <summary>Withdraws output <paramref name="index"/>; the nodes behind it stay.</summary>
    public void RemoveOutput(int index)
    {
        _outputs[index].OutputCount--;
        _outputs.RemoveAt(index);
    }

    /// <summary>Adds a node with fresh outputs, before <paramref name="before"/> or at the end.</summary>
    public Node AddNode(string opType, ReadOnlySpan<Value?> inputs, int outputCount = 1, string domain = "", string name = "", Node? before = null)
    {
        var node = new Node(this, opType, domain, name, inputs, outputCount);
        for (int i = 0; i < outputCount; i++) DefineOutput(node, i, "", null);
        Nodes.Insert(node, before);
        return node;
    }

    /// <summary>Adds a node whose outputs have the given names; a name that is taken is made fresh, an empty one stands for an output that is left out.</summary>
    public Node AddNode(string opType, ReadOnlySpan<Value?> inputs, ReadOnlySpan<string> outputNames, string domain = "", string name = "", Node? before = null)
    {
        var node = new Node(this, opType, domain, name, inputs, outputNames.Length);
        for (int i = 0; i < outputNames.Length; i++)
        {
            if (outputNames[i].Length > 0) DefineOutput(node, i, outputNames[i], null);
            else node.OutputArray[i] = new Value(this, "", null) { Producer = node, ProducerIndex = i };
        }
        Nodes.Insert(node, before);
        return node;
    }

    /// <summary>Removes a node whose outputs nothing uses.</summary>
    /// <exception cref="InvalidOperationException">An output is used.</exception>
    public void Remove(Node node)
    {
        if (node.IsRemoved) return;
        foreach (Value output in node.Outputs)
            if (!output.IsUnused) throw new InvalidOperationException($"Node '{node}' cannot be removed: its output '{output}' is in use.");
        node.DetachAll();
        Nodes.Unlink(node);
    }

    /// <summary>Takes an output that nothing reads off a node; those after it move up.</summary>
    /// <exception cref="InvalidOperationException">The output is used.</exception>
    public void RemoveOutput(Node node, int index)
    {
        ReleaseOutput(node, index);
        node.RemoveOutputAt(index);
    }

    /// <summary>Leaves out an optional output that nothing reads: those after it keep their places.</summary>
    /// <exception cref="InvalidOperationException">The output is used.</exception>
    public void LeaveOutOutput(Node node, int index)
    {
        ReleaseOutput(node, index);
        while (node.Outputs.Length > 1 && node.Outputs[^1].Name.Length == 0) node.RemoveOutputAt(node.Outputs.Length - 1);
    }

    /// <summary>
    /// Lets everything that reads <paramref name="old"/> read <paramref name="replacement"/>. Where the old value is an output of the graph,
    /// the outside keeps its name: the replacement takes it over, or an Identity hands it on where the replacement has a name of its own to keep.
    /// </summary>
    /// <exception cref="ArgumentException">The types are not compatible.</exception>
    public void ReplaceAllUses(Value old, Value replacement)
    {
        if (ReferenceEquals(old, replacement)) return;
        if (old.Type is { } oldType && replacement.Type is { } newType && !oldType.IsCompatible(newType))
            throw new ArgumentException($"'{old}' of type {oldType} cannot be replaced by '{replacement}' of type {newType}.", nameof(replacement));
        while (old.UseList.Count > 0)
        {
            Use use = old.UseList[^1];
            use.Node.SetInput(use.Index, replacement);
        }
        if (old.IsOutput) HandOver(old, replacement);
        replacement.Type ??= old.Type;
    }

    /// <summary>Gives a value another name; a name that is taken is made fresh.</summary>
    public void Rename(Value value, string name)
    {
        _names.Release(value.Name);
        value.Name = _names.Claim(name);
    }

    /// <summary>A name that no value of the model has, like <paramref name="hint"/>.</summary>
    public string FreshName(string hint) => _names.Fresh(hint);

    /// <summary>The value of that name in this graph or one around it, or null. Linear: for tests and tools.</summary>
    public Value? FindValue(string name)
    {
        for (Graph? graph = this; graph is not null; graph = graph.Outer)
        {
            foreach (Value value in graph.Values())
                if (value.Name == name) return value;
        }
        return null;
    }

    /// <summary>The values that this graph defines: inputs, initializers and outputs of nodes.</summary>
    public IEnumerable<Value> Values()
    {
        foreach (Value value in _inputs) yield return value;
        foreach (Value value in _initializers) yield return value;
        foreach (Node node in Nodes)
            foreach (Value value in node.OutputArray)
                if (value.Name.Length > 0) yield return value;
    }

    /// <summary>The nodes of this graph and of all subgraphs, outer before inner.</summary>
    public IEnumerable<Node> AllNodes()
    {
        // An explicit stack: hostile files nest deeper than a thread's stack.
        var stack = new Stack<Node>();
        if (Nodes.First is { } first) stack.Push(first);
        while (stack.TryPop(out Node? node))
        {
            if (node.Next is { } next) stack.Push(next);
            if (node.IsRemoved) continue;
            yield return node;
            foreach (Graph graph in node.Subgraphs)
                if (graph.Nodes.First is { } inner) stack.Push(inner);
        }
    }

    /// <summary>This graph and all subgraphs, outer before inner.</summary>
    public IEnumerable<Graph> AllGraphs()
    {
        yield return this;
        foreach (Node node in AllNodes())
            foreach (Graph graph in node.Subgraphs) yield return graph;
    }

    /// <summary>Whether this graph is <paramref name="other"/> or lies inside one of its nodes.</summary>
    public bool IsInside(Graph other)
    {
        for (Graph? graph = this; graph is not null; graph = graph.Outer)
            if (ReferenceEquals(graph, other)) return true;
        return false;
    }

    /// <summary>Takes the uses of outer values out of the books: this subgraph goes away with its node.</summary>
    internal void ReleaseCaptures()
    {
        ReleaseOutputs(this);
        foreach (Node node in AllNodes())
        {
            node.DetachWhere(value => !value.Graph.IsInside(this));
            foreach (Graph nested in node.Subgraphs) ReleaseOutputs(nested);
        }
    }

    private void ReleaseOutputs(Graph graph)
    {
        foreach (Value output in graph._outputs)
            if (!output.Graph.IsInside(this)) output.OutputCount--;
    }

    /// <summary>Makes an output value for a node under construction.</summary>
    internal Value DefineOutput(Node node, int index, string name, OnnxType? type)
    {
        string hint = name.Length > 0 ? name : node.Name.Length > 0 ? node.Name : node.OpType;
        var value = new Value(this, _names.Claim(hint), type) { Producer = node, ProducerIndex = index };
        node.OutputArray[index] = value;
        return value;
    }

    private void ReleaseOutput(Node node, int index)
    {
        Value output = node.Outputs[index];
        if (!output.IsUnused) throw new InvalidOperationException($"Output '{output}' of node '{node}' is in use.");
        _names.Release(output.Name);
        output.Name = "";
    }

    private string Claim(string name, string fallback) => _names.Claim(name.Length > 0 ? name : fallback);

    private void HandOver(Value old, Value replacement)
    {
        bool canTakeName = replacement is { Producer: not null, IsOutput: false } && ReferenceEquals(replacement.Graph, old.Graph);
        Value outgoing = replacement;
        if (canTakeName)
        {
            (old.Name, replacement.Name) = (replacement.Name, old.Name);
        }
        else
        {
            Node identity = AddNode("Identity", [replacement], 1, before: old.Producer is { } p && ReferenceEquals(p.Graph, this) ? p.Next : null);
            outgoing = identity.Output;
            outgoing.Type = old.Type ?? replacement.Type;
            (old.Name, outgoing.Name) = (outgoing.Name, old.Name);
        }
        foreach (Graph graph in GraphsThatOutput(old))
        {
            for (int i = 0; i < graph._outputs.Count; i++)
            {
                if (!ReferenceEquals(graph._outputs[i], old)) continue;
                graph._outputs[i] = outgoing;
                old.OutputCount--;
                outgoing.OutputCount++;
            }
        }
    }

    // Rare enough to search: a value is nearly always an output of its own graph only.
    private static IEnumerable<Graph> GraphsThatOutput(Value value)
    {
        yield return value.Graph;
        if (value.OutputCount == 0) yield break;
        foreach (Node node in value.Graph.AllNodes().ToList())
            foreach (Graph graph in node.Subgraphs)
                yield return graph;
    }
}
