using ModelCompiler.Onnx;

namespace ModelCompiler.Optimizer.Passes.Cleanup;

/// <summary>Transpose_q(Transpose_p(x)) = Transpose_r(x), r[i] = p[q[i]].</summary>
public sealed class TransposeChains : RewritePass
{
    /// <inheritdoc/>
    public override string Name => "transpose-chains";

    /// <inheritdoc/>
    public override bool KeepsTypes => true;

    /// <inheritdoc/>
    protected override bool MayMatch(Node node) => node.Is("Transpose");

    /// <inheritdoc/>
    protected override Rewrite Visit(Node node, PassContext context)
    {
        if (node.Input(0)?.Producer is not { } inner || !inner.Is("Transpose") || inner.Input(0) is not { } x) return Rewrite.None;
        if (Permutation.Of(inner) is not { } first || Permutation.Of(node) is not { } second) return Rewrite.Refused("the rank is not known");
        if (first.Length != second.Length) return Rewrite.None;
        node.Attributes.Set("perm", Array.ConvertAll(second, axis => first[axis]));
        node.SetInput(0, x);
        return Rewrite.Applied($"permutes the input of '{inner}' at once");
    }
}
