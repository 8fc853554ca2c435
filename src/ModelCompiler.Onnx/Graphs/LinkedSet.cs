using System.Collections;

namespace ModelCompiler.Onnx;

/// <summary>A set of values in the order of insertion, with removal in constant time.</summary>
internal sealed class LinkedSet : IReadOnlyCollection<Value>
{
    private readonly LinkedList<Value> _list = new();
    private readonly Dictionary<Value, LinkedListNode<Value>> _nodes = [];

    public int Count => _list.Count;

    public void Add(Value value) => _nodes.Add(value, _list.AddLast(value));

    public bool Remove(Value value)
    {
        if (!_nodes.Remove(value, out LinkedListNode<Value>? node)) return false;
        _list.Remove(node);
        return true;
    }

    public IEnumerator<Value> GetEnumerator() => _list.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
