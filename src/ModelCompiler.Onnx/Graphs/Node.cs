namespace ModelCompiler.Onnx;

/// <summary>An operator applied to values. Made and placed by <see cref="Graph"/>; its inputs change through <see cref="SetInput"/>, which keeps the uses true.</summary>
public sealed class Node
{
    private Value?[] _inputs;
    // Where each input stands in the use list of its value, so that a use is removed in constant time.
    private int[] _usePositions;
    private Value[] _outputs;

    internal Node(Graph graph, string opType, string domain, string name, ReadOnlySpan<Value?> inputs, int outputCount)
    {
        Graph = graph;
        OpType = opType;
        Domain = domain;
        Name = name;
        Attributes = new AttributeMap(this);
        _inputs = new Value?[inputs.Length];
        _usePositions = new int[inputs.Length];
        _outputs = new Value[outputCount];
        for (int i = 0; i < inputs.Length; i++) Attach(i, inputs[i]);
    }

    /// <summary>The graph that the node stands in.</summary>
    public Graph Graph { get; internal set; }

    /// <summary>The operator's name.</summary>
    public string OpType { get; }

    /// <summary>The operator's domain; empty for ONNX's own.</summary>
    public string Domain { get; }

    /// <summary>Which overload of a local function is called; empty for operators.</summary>
    public string Overload { get; set; } = "";

    /// <summary>The name for people; may be empty or repeated.</summary>
    public string Name { get; set; }

    /// <summary>The documentation of the file.</summary>
    public string Doc { get; set; } = "";

    /// <summary>The arguments that are not values.</summary>
    public AttributeMap Attributes { get; }

    /// <summary>The values read; null where an optional input is left out.</summary>
    public ReadOnlySpan<Value?> Inputs => _inputs;

    /// <summary>The values computed; an output that is left out has an empty name.</summary>
    public ReadOnlySpan<Value> Outputs => _outputs;

    /// <summary>The node before it in the graph's order.</summary>
    public Node? Previous { get; internal set; }

    /// <summary>The node after it in the graph's order.</summary>
    public Node? Next { get; internal set; }

    /// <summary>Whether the node has been taken out of its graph.</summary>
    public bool IsRemoved { get; internal set; }

    /// <summary>What the file said of the node that this model does not hold (unknown fields, metadata).</summary>
    internal object? Extras { get; set; }

    internal Value[] OutputArray => _outputs;

    /// <summary>Where the node stood when an algorithm last numbered its graph: good only within that algorithm.</summary>
    internal int Position { get; set; }

    /// <summary>Whether the node is this operator of ONNX's own domain.</summary>
    public bool Is(string opType) => Is(opType, "");

    /// <summary>Whether the node is this operator of this domain.</summary>
    public bool Is(string opType, string domain) => OpType == opType && Domain == domain;

    /// <summary>Input <paramref name="index"/>, or null where it is left out.</summary>
    public Value? Input(int index) => index < _inputs.Length ? _inputs[index] : null;

    /// <summary>The only output.</summary>
    /// <exception cref="InvalidOperationException">The node has not exactly one output.</exception>
    public Value Output => _outputs.Length == 1 ? _outputs[0] : throw new InvalidOperationException($"Node '{this}' has {_outputs.Length} outputs.");

    /// <summary>The constant of input <paramref name="index"/>, or null where it is left out or not constant.</summary>
    public Tensor? Constant(int index) => Input(index)?.Initializer;

    /// <summary>The subgraphs in the node's attributes.</summary>
    public IEnumerable<Graph> Subgraphs
    {
        get
        {
            foreach (NodeAttribute attribute in Attributes)
                foreach (Graph graph in AttributeMap.GraphsOf(attribute))
                    yield return graph;
        }
    }

    /// <summary>Lets input <paramref name="index"/> read another value; an index at or past the end adds inputs.</summary>
    public void SetInput(int index, Value? value)
    {
        if (index >= _inputs.Length)
        {
            Array.Resize(ref _inputs, index + 1);
            Array.Resize(ref _usePositions, index + 1);
        }
        Detach(index);
        Attach(index, value);
    }

    /// <summary>Drops the inputs from <paramref name="count"/> on.</summary>
    public void TrimInputs(int count)
    {
        for (int i = count; i < _inputs.Length; i++) Detach(i);
        Array.Resize(ref _inputs, count);
        Array.Resize(ref _usePositions, count);
    }

    internal void RemoveOutputAt(int index)
    {
        _outputs = [.. _outputs.AsSpan(0, index), .. _outputs.AsSpan(index + 1)];
        for (int i = index; i < _outputs.Length; i++) _outputs[i].ProducerIndex = i;
    }

    /// <summary>Whether the use of input <paramref name="index"/> stands in the list of its value, where this node remembers it.</summary>
    internal bool IsBookedAt(int index)
    {
        List<Use> uses = _inputs[index]!.UseList;
        int position = _usePositions[index];
        return position < uses.Count && ReferenceEquals(uses[position].Node, this) && uses[position].Index == index;
    }

    internal void DetachAll()
    {
        for (int i = 0; i < _inputs.Length; i++) Detach(i);
        foreach (Graph graph in Subgraphs) graph.ReleaseCaptures();
    }

    internal void DetachWhere(Func<Value, bool> predicate)
    {
        for (int i = 0; i < _inputs.Length; i++)
            if (_inputs[i] is { } value && predicate(value)) Detach(i);
    }

    private void Attach(int index, Value? value)
    {
        _inputs[index] = value;
        if (value is null) return;
        _usePositions[index] = value.UseList.Count;
        value.UseList.Add(new Use(this, index));
    }

    private void Detach(int index)
    {
        if (_inputs[index] is not { } value) return;
        List<Use> uses = value.UseList;
        int position = _usePositions[index];
        Use last = uses[^1];
        uses[position] = last;
        last.Node._usePositions[last.Index] = position;
        uses.RemoveAt(uses.Count - 1);
        _inputs[index] = null;
    }

    /// <inheritdoc/>
    public override string ToString() => Name.Length > 0 ? $"{Name} ({OpType})" : _outputs.Length > 0 ? $"{OpType} -> {_outputs[0].Name}" : OpType;
}
