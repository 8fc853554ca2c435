using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace ModelCompiler.Onnx;

/// <summary>The attributes of a node, in the order of the file.</summary>
public sealed class AttributeMap : IReadOnlyCollection<NodeAttribute>
{
    // Nodes have few attributes: a list is smaller and as fast as a dictionary.
    private readonly List<NodeAttribute> _attributes = [];
    private readonly Node _owner;

    internal AttributeMap(Node owner) => _owner = owner;

    /// <inheritdoc/>
    public int Count => _attributes.Count;

    /// <summary>Whether an attribute holds a subgraph.</summary>
    internal bool HasGraphs
    {
        get
        {
            foreach (NodeAttribute attribute in _attributes)
                if (attribute.Value is Graph or Graph[]) return true;
            return false;
        }
    }

    /// <summary>The attribute of that name.</summary>
    /// <exception cref="KeyNotFoundException">There is none.</exception>
    public NodeAttribute this[string name] => Find(name) ?? throw new KeyNotFoundException($"Node '{_owner}' has no attribute '{name}'.");

    /// <summary>The attribute of that name, or null.</summary>
    public NodeAttribute? Find(string name) => _attributes.Find(a => a.Name == name);

    /// <summary>Finds an attribute.</summary>
    public bool TryGet(string name, [NotNullWhen(true)] out NodeAttribute? attribute) => (attribute = Find(name)) is not null;

    /// <summary>The value of an attribute, or the operator's default.</summary>
    public long GetInt(string name, long defaultValue) => Find(name)?.Int ?? defaultValue;

    /// <inheritdoc cref="GetInt(string, long)"/>
    public float GetFloat(string name, float defaultValue) => Find(name)?.Float ?? defaultValue;

    /// <inheritdoc cref="GetInt(string, long)"/>
    public string GetString(string name, string defaultValue) => Find(name)?.String ?? defaultValue;

    /// <summary>The integers of an attribute, or null where it is absent.</summary>
    public long[]? GetInts(string name) => Find(name)?.Ints.ToArray();

    /// <summary>The floats of an attribute, or null where it is absent.</summary>
    public float[]? GetFloats(string name) => Find(name)?.Floats.ToArray();

    /// <summary>Adds an attribute, or replaces the one of the same name.</summary>
    public void Set(NodeAttribute attribute)
    {
        int index = _attributes.FindIndex(a => a.Name == attribute.Name);
        if (index >= 0)
        {
            Release(_attributes[index]);
            _attributes[index] = attribute;
        }
        else
        {
            _attributes.Add(attribute);
        }
        foreach (Graph graph in GraphsOf(attribute)) graph.OwnerNode = _owner;
    }

    public void Set(string name, long value) => Set(new NodeAttribute(name, value));

    public void Set(string name, float value) => Set(new NodeAttribute(name, value));

    public void Set(string name, string value) => Set(new NodeAttribute(name, value));

    public void Set(string name, long[] value) => Set(new NodeAttribute(name, value));

    /// <summary>Removes an attribute if it is there.</summary>
    public bool Remove(string name)
    {
        if (Find(name) is not { } attribute) return false;
        Release(attribute);
        return _attributes.Remove(attribute);
    }

    /// <summary>The subgraphs that an attribute holds.</summary>
    internal static IEnumerable<Graph> GraphsOf(NodeAttribute attribute) => attribute.Value switch
    {
        Graph graph => [graph],
        Graph[] graphs => graphs,
        _ => [],
    };

    private static void Release(NodeAttribute attribute)
    {
        foreach (Graph graph in GraphsOf(attribute)) graph.ReleaseCaptures();
    }

    /// <inheritdoc/>
    public IEnumerator<NodeAttribute> GetEnumerator() => _attributes.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => _attributes.GetEnumerator();
}
