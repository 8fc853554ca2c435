using ModelCompiler.Onnx;

namespace ModelCompiler.Optimizer.Passes.Fusion.Layout;

/// <summary>
/// f(Transpose(x, p)) = Transpose(f'(x), p) for elementwise f and its like: regions between transpositions work on the other layout where
/// that takes more transposed elements out of the graph than it puts in. What is left of channels-last exports are convolutions with nothing
/// but arithmetic between them.
/// </summary>
public sealed class TurnLayoutRegions : IPass
{
    /// <inheritdoc/>
    public string Name => "turn-layout-regions";

    /// <inheritdoc/>
    public void Apply(PassContext context)
    {
        // A region is looked at once per permutation, from whichever of its transpositions comes first.
        var normalizations = new TrailingNormalizations(context.Graph);
        var seen = new HashSet<(Node Node, string Permutation)>();
        foreach (Node node in context.Graph.AllNodes().Where(n => n.Is("Transpose")).ToList())
        {
            if (context.IsExhausted) return;
            if (node.IsRemoved || Permutation.Of(node) is not { } permutation || Permutation.IsIdentity(permutation)) continue;
            LayoutRegion region = LayoutRegion.Behind(node, permutation, context.Model.Opset, normalizations);
            string key = string.Join(',', permutation);
            if (region.Nodes.Count == 0 || !region.Nodes.All(n => seen.Add((n, key)))) continue;
            TryTurn(node, region, context);
        }
    }

    private static void TryTurn(Node transpose, LayoutRegion region, PassContext context)
    {
        string where = transpose.ToString();
        if (region.Gain() <= 0)
        {
            context.Refused(where, $"taking it out of {Count(region)} behind it would need as many transpositions elsewhere");
            return;
        }
        region.Turn();
        context.Changed(where, $"{Count(region)} behind it work on the layout before it");
    }

    private static string Count(LayoutRegion region) => region.Nodes.Count == 1 ? "the node" : $"the {region.Nodes.Count} nodes";
}
