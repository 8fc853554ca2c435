using System.Collections;

namespace ModelCompiler.Onnx;

/// <summary>The nodes of a graph as a linked list: insertion and removal in constant time, and a node may be removed while the list is walked.</summary>
public sealed class NodeList : IReadOnlyCollection<Node>
{
    /// <inheritdoc/>
    public int Count { get; private set; }

    /// <summary>The first node, or null.</summary>
    public Node? First { get; private set; }

    /// <summary>The last node, or null.</summary>
    public Node? Last { get; private set; }

    internal void Insert(Node node, Node? before)
    {
        Node? previous = before is null ? Last : before.Previous;
        node.Previous = previous;
        node.Next = before;
        if (previous is null) First = node;
        else previous.Next = node;
        if (before is null) Last = node;
        else before.Previous = node;
        Count++;
    }

    internal void Unlink(Node node)
    {
        if (node.Previous is null) First = node.Next;
        else node.Previous.Next = node.Next;
        if (node.Next is null) Last = node.Previous;
        else node.Next.Previous = node.Previous;
        // Next stays: a walk that stands on the removed node goes on from there.
        node.IsRemoved = true;
        Count--;
    }

    internal void Reorder(IReadOnlyList<Node> order)
    {
        First = Last = null;
        Count = 0;
        foreach (Node node in order) Insert(node, null);
    }

    /// <inheritdoc/>
    public IEnumerator<Node> GetEnumerator()
    {
        for (Node? node = First; node is not null; node = node.Next)
        {
            // Removed while the walk stood elsewhere, or on it: skip what is no longer there.
            if (!node.IsRemoved) yield return node;
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
