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
    public override bool KeepsTypes => true;

    /// <inheritdoc/>
    protected override bool MayMatch(Node node) => node.Domain.Length == 0 && (Idempotent.Contains(node.OpType) || Involution.Contains(node.OpType));

    /// <inheritdoc/>
    protected override Rewrite Visit(Node node, PassContext context)
    {
        if (node.Input(0)?.Producer is not { } inner || !inner.Is(node.OpType)) return Rewrite.None;
        return Idempotent.Contains(node.OpType)
            ? Bypass.Around(node, inner.Output, $"'{inner}' has done it")
            : Bypass.Around(node, inner.Input(0)!, $"undoes '{inner}'");
    }
}
