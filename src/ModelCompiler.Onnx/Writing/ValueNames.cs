namespace ModelCompiler.Onnx;

/// <summary>
/// The names under which values are written. In a file values are told apart by name, so that an inner value must not be named like an outer one;
/// inputs and outputs of the outermost graph keep theirs.
/// </summary>
internal sealed class ValueNames
{
    private readonly NameScope _used = new();
    private readonly Dictionary<Value, string> _renamed = [];

    /// <summary>Names for a graph and all inside it.</summary>
    public ValueNames(Graph graph)
    {
        // The outside knows inputs and outputs by name; every other name is free to change.
        var known = new HashSet<Value>();
        foreach (Value value in graph.Inputs.Concat(graph.Outputs))
            if (known.Add(value)) Claim(value);
        foreach (Graph current in graph.AllGraphs())
            foreach (Value value in current.Values())
                if (!known.Contains(value)) Claim(value);
    }

    /// <summary>The name of a value; empty for one that is left out.</summary>
    public string this[Value? value] => value is null ? "" : _renamed.GetValueOrDefault(value, value.Name);

    private void Claim(Value value)
    {
        string name = _used.Claim(value.Name);
        if (name != value.Name) _renamed.Add(value, name);
    }
}
