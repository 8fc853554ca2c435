using System.Collections.Frozen;
using ModelCompiler.Onnx;

namespace ModelCompiler.Optimizer.Passes.Cleanup;

/// <summary>f(f(x)) = f(x) where f is idempotent, and f(f(x)) = x where f is an involution.</summary>
public sealed class RepeatedUnary : RewritePass
{
    private static readonly FrozenSet<string> Idempotent = FrozenSet.ToFrozenSet(["Abs", "Ceil", "Floor", "Round", "Sign"]);
    private static readonly FrozenSet<string> Involution = FrozenSet.ToFrozenSet(["Neg", "Not", "BitwiseNot"]);

    /// <inheritdoc/>
    public override string Name => "repeated-unary";

    /// <inheritdoc/>
    protected override Rewrite Visit(Node node, PassContext context)
    {
        if (node.Domain.Length > 0 || node.Input(0)?.Producer is not { } inner || !inner.Is(node.OpType)) return Rewrite.None;
        if (Idempotent.Contains(node.OpType)) return Bypass.Around(node, inner.Output, $"'{inner}' has done it");
        return Involution.Contains(node.OpType) ? Bypass.Around(node, inner.Input(0)!, $"undoes '{inner}'") : Rewrite.None;
    }
}
