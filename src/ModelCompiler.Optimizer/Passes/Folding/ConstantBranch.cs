using ModelCompiler.Onnx;

namespace ModelCompiler.Optimizer.Passes.Folding;

/// <summary>If(c) with a constant c: the branch that is taken stands in place of the If, reading what it captured.</summary>
public sealed class ConstantBranch : RewritePass
{
    /// <inheritdoc/>
    public override string Name => "constant-branch";

    /// <inheritdoc/>
    protected override bool MayMatch(Node node) => node.Is("If");

    /// <inheritdoc/>
    protected override Rewrite Visit(Node node, PassContext context)
    {
        if (node.Constant(0) is not { ElementType: ElementType.Bool, ElementCount: 1 } condition) return Rewrite.None;
        string branch = condition.Bytes[0] != 0 ? "then_branch" : "else_branch";
        if (node.Attributes.Find(branch)?.Graph is not { } body || body.Outputs.Count < node.Outputs.Length) return Rewrite.None;
        for (int i = 0; i < node.Outputs.Length; i++)
            if (!FitsInto(body.Outputs[i], node.Outputs[i])) return Rewrite.Refused($"its output '{node.Outputs[i]}' is declared as {node.Outputs[i].Type}, and the branch gives {body.Outputs[i].Type}");
        IReadOnlyList<Value> results = node.Graph.Inline(body, [], node);
        for (int i = 0; i < node.Outputs.Length; i++) node.Graph.ReplaceAllUses(node.Outputs[i], results[i]);
        node.Graph.Remove(node);
        return Rewrite.Applied($"its condition is constant: {branch} stands in its place");
    }

    private static bool FitsInto(Value result, Value output) => result.Type is not { } type || output.Type is not { } declared || declared.IsCompatible(type);
}
