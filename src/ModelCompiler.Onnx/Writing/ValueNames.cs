using System.Globalization;

namespace ModelCompiler.Onnx;

/// <summary>
/// The names under which values are written. In a file values are told apart by name, so that an inner value must not be named like an outer one;
/// inputs and outputs of the outermost graph keep theirs.
/// </summary>
internal sealed class ValueNames
{
    private readonly HashSet<string> _used = new(StringComparer.Ordinal);
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
        if (_used.Add(value.Name)) return;
        for (int i = 1; ; i++)
        {
            string name = string.Create(CultureInfo.InvariantCulture, $"{value.Name}_{i}");
            if (!_used.Add(name)) continue;
            _renamed.Add(value, name);
            return;
        }
    }
}
