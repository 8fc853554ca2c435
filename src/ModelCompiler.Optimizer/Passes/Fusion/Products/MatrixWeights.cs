using ModelCompiler.Onnx;

namespace ModelCompiler.Optimizer.Passes.Fusion.Products;

/// <summary>
/// x·W with W of [1, …, 1, K, N] = x·W with W of [K, N], where x has as many dimensions: integer kernels, and fusions with a bias, are for matrices.
/// </summary>
public sealed class MatrixWeights : RewritePass
{
    /// <inheritdoc/>
    public override string Name => "matrix-weights";

    /// <inheritdoc/>
    protected override bool MayMatch(Node node) => node.Is("MatMul");

    /// <inheritdoc/>
    protected override Rewrite Visit(Node node, PassContext context)
    {
        if (node.Constant(1) is not { Rank: > 2 } weights) return Rewrite.None;
        foreach (long size in weights.Dims[..^2])
            if (size != 1) return Rewrite.None;
        // Of fewer dimensions, x takes those of the weights.
        if (node.Input(0)?.Shape is not { } shape || shape.Rank < weights.Rank) return Rewrite.None;
        Value old = node.Inputs[1]!;
        node.SetInput(1, node.Graph.AddInitializer(old.Name, weights.Reshaped(weights.Dims[^2], weights.Dims[^1])));
        if (old is { Initializer: not null, IsUnused: true, IsInput: false }) old.Graph.RemoveInitializer(old);
        return Rewrite.Applied("its weights are a matrix");
    }
}
