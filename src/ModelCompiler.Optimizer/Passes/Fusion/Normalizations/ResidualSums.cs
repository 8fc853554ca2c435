using ModelCompiler.Onnx;

namespace ModelCompiler.Optimizer.Passes.Fusion.Normalizations;

/// <summary>
/// x + y before a layer normalization as Sum(x, y): the same numbers, and no Add for ONNX Runtime to join with the normalization to SkipLayerNormalization,
/// whose kernel on the CPU takes 7.7 times as long as the two apart (version 1.30, 128 tokens of 384, one thread: 417 µs instead of 54).
/// </summary>
public sealed class ResidualSums : RewritePass
{
    /// <summary>Operator set whose Sum broadcasts.</summary>
    private const long Broadcasting = 8;

    /// <inheritdoc/>
    public override string Name => "residual-sums";

    /// <inheritdoc/>
    protected override bool MayMatch(Node node) => node.Is("Add");

    /// <inheritdoc/>
    protected override Rewrite Visit(Node node, PassContext context)
    {
        if (!context.Target.ExpandedOperators.Contains("SkipLayerNormalization") || context.Model.Opset < Broadcasting) return Rewrite.None;
        // One number per feature is a bias: products take it in.
        if (!IsTokens(node.Inputs[0]!) || !IsTokens(node.Inputs[1]!) || !IsNormalized(node.Output)) return Rewrite.None;
        node.ReplaceBy("Sum", [node.Inputs[0], node.Inputs[1]]);
        return Rewrite.Applied("became Sum: apart from the normalization behind it, it is faster");
    }

    private static bool IsTokens(Value value) => value is { ElementType: ElementType.Float, Shape.Rank: > 1 };

    /// <summary>Whether nothing else reads it, so that ONNX Runtime could join the two; a normalization in pieces takes its mean from it.</summary>
    private static bool IsNormalized(Value sum)
    {
        if (sum.IsOutput) return false;
        Node[] readers = [.. sum.Uses.Select(use => use.Node).Distinct()];
        return readers is [var only] ? only.Is("LayerNormalization") : readers.Any(reader => reader.Is("ReduceMean")) && readers.All(reader => reader.Is("ReduceMean") || reader.Is("Sub"));
    }
}
