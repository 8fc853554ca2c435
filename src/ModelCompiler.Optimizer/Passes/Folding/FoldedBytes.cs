using ModelCompiler.Onnx;

namespace ModelCompiler.Optimizer.Passes.Folding;

/// <summary>What folding nodes does to the size of the file: each result against the stored constants that go with it.</summary>
internal sealed class FoldedBytes
{
    // Shape arithmetic and scalars are worth their bytes: other passes look for them.
    private const long AlwaysFolded = 1024;

    private readonly Dictionary<Node, long> _replaced = [];

    /// <summary>How many bytes the results that stay take beyond the stored constants that go.</summary>
    public long NetGrowth { get; private set; }

    /// <summary>Adds a node that is folded after its inputs.</summary>
    /// <param name="node">The node.</param>
    /// <param name="size">Bytes of its outputs.</param>
    /// <param name="freed">Inputs that nothing reads any more after it: stored constants, or results of nodes that were added.</param>
    public void Add(Node node, long size, IReadOnlyList<Value> freed)
    {
        NetGrowth += size - freed.Sum(value => ResultSize.Of(value) ?? 0);
        _replaced.Add(node, freed.Sum(Replaced));
    }

    /// <summary>By how many bytes the outputs of a node that something else than <paramref name="folded"/> reads exceed the stored constants that they replace; null where they do not.</summary>
    public long? OverheadOf(Node node, HashSet<Node> folded)
    {
        long size = 0;
        foreach (Value output in node.Outputs)
            if (output.IsOutput || output.Uses.Any(use => !folded.Contains(use.Node))) size += ResultSize.Of(output) ?? 0;
        return size > AlwaysFolded && size > _replaced[node] ? size - _replaced[node] : null;
    }

    private long Replaced(Value value) => value.Initializer is not null ? ResultSize.Of(value) ?? 0 : _replaced[value.Producer!] / value.Producer!.Outputs.Length;
}
