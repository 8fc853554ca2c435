using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes.Fusion.Affine;
using ModelCompiler.Optimizer.Passes.Fusion.Matching;
using static ModelCompiler.Optimizer.Passes.Fusion.Matching.Pattern;
using static ModelCompiler.Optimizer.Passes.Fusion.Normalizations.NormalizationForms;

namespace ModelCompiler.Optimizer.Passes.Fusion.Layout;

/// <summary>
/// Normalizations in pieces over the last axes: one kernel, ours or one that ONNX Runtime finds at load, as long as these axes are the last. On
/// another layout they would stay ten nodes, which takes more than the transpositions that it saves.
/// </summary>
internal sealed class TrailingNormalizations
{
    private static readonly Pattern[] Forms = [.. DividedByRoot(Centered, Power(Centered)), .. DividedByRoot(Any("x"), Power(Any("x")))];

    /// <summary>The nodes of each, with how many axes it is over.</summary>
    private readonly Dictionary<Node, int> _axes = [];

    public TrailingNormalizations(Graph graph)
    {
        foreach (Node node in graph.AllNodes())
            if (Array.Find(Forms, form => Match.Of(form, node) is not null) is { } form) Add(Match.Of(form, node)!);
    }

    /// <summary>Whether a node belongs to one that would no longer be over the last axes if its operands were not transposed by <paramref name="permutation"/>.</summary>
    public bool Lose(Node node, long[] permutation) => _axes.TryGetValue(node, out int axes) && permutation[^axes..].Any(axis => axis < permutation.Length - axes);

    private void Add(Match match)
    {
        int axes = -(int)match.Number("axis");
        foreach (Node node in match.Nodes) _axes[node] = axes;
        Value output = match.Root.Outputs[0];
        // Scale and bias are found with the rest.
        for (int affine = 0; affine < 2 && output.HasSingleUse && ReferenceEquals(ChannelAffine.DataOf(output.Uses[0].Node), output); affine++)
        {
            _axes[output.Uses[0].Node] = axes;
            output = output.Uses[0].Node.Outputs[0];
        }
    }
}
