using ModelCompiler.Onnx;

namespace ModelCompiler.Optimizer.Passes.Cleanup;

/// <summary>
/// Op(x, y, missing) = Op(x, y). ONNX Runtime reads the type of a LayerNormalization's bias that is named as missing, and the process is gone. Loops and branches are left, whose
/// inputs count from behind the missing ones; and Pad, which ONNX Runtime merges with what is behind it unless it names its value as missing: the source is timed as it came.
/// </summary>
public sealed class MissingInputs : RewritePass
{
    /// <inheritdoc/>
    public override string Name => "missing-inputs";

    /// <inheritdoc/>
    public override bool KeepsTypes => true;

    /// <inheritdoc/>
    protected override bool MayMatch(Node node) => node.Domain is "" && node.OpType != "Pad" && node.Inputs is [.., null] && !node.Subgraphs.Any();

    /// <inheritdoc/>
    protected override Rewrite Visit(Node node, PassContext context)
    {
        if (!MayMatch(node)) return Rewrite.None;
        int count = node.Inputs.Length;
        while (count > 0 && node.Inputs[count - 1] is null) count--;
        node.TrimInputs(count);
        return Rewrite.Applied("names no missing inputs behind its last one");
    }
}
