using System.Runtime.CompilerServices;
using ModelCompiler.Onnx;

namespace ModelCompiler.Optimizer.Passes.Cleanup;

/// <summary>
/// p = Concat(a, b), y = Concat(a, b, c): y = Concat(p, c), as in the blocks of DenseNet (Huang et al. 2017, section 3). On integers each tensor is then turned back into
/// floats for one concatenation, not for all that it is part of. Numbers only: sizes are left to the passes that read them.
/// </summary>
public sealed class ConcatPrefixes : IPass
{
    private const int FewestInputs = 2;

    /// <inheritdoc/>
    public string Name => "concat-prefixes";

    /// <inheritdoc/>
    public bool KeepsTypes => true;

    /// <inheritdoc/>
    public void Apply(PassContext context) => Visit(context.Graph, context);

    private static void Visit(Graph graph, PassContext context)
    {
        // In the order of the graph, so that what comes later can read them; with the inputs that they had before this pass.
        var earlier = new Dictionary<int, (Node Concat, Value?[] Inputs, int Axis)>();
        foreach (Node node in graph.Nodes)
        {
            if (context.IsExhausted) return;
            foreach (Graph subgraph in node.Subgraphs) Visit(subgraph, context);
            if (ConcatChains.AxisOf(node) is not { } axis || !node.Output.ElementType.IsFloatingPoint()) continue;
            Value?[] inputs = node.Inputs.ToArray();
            int[] hashes = Hashes(inputs, axis);
            for (int length = inputs.Length - 1; length >= FewestInputs; length--)
            {
                if (!earlier.TryGetValue(hashes[length], out var prefix) || prefix.Axis != axis || prefix.Concat.Output.IsUnused || !inputs.AsSpan(0, length).SequenceEqual(prefix.Inputs)) continue;
                ReadPrefix(node, prefix.Concat.Output, inputs[length..]);
                context.Changed(node.ToString(), $"takes its first {length} inputs from '{prefix.Concat}'");
                break;
            }
            earlier.TryAdd(hashes[^1], (node, inputs, axis));
        }
    }

    private static void ReadPrefix(Node node, Value prefix, Value?[] rest)
    {
        node.SetInput(0, prefix);
        for (int i = 0; i < rest.Length; i++) node.SetInput(1 + i, rest[i]);
        node.TrimInputs(1 + rest.Length);
    }

    /// <summary>A hash of the first inputs, for each number of them.</summary>
    private static int[] Hashes(Value?[] inputs, int axis)
    {
        var hashes = new int[inputs.Length + 1];
        hashes[0] = axis;
        for (int i = 0; i < inputs.Length; i++) hashes[i + 1] = HashCode.Combine(hashes[i], RuntimeHelpers.GetHashCode(inputs[i]));
        return hashes;
    }
}
