using ModelCompiler.Onnx;

namespace ModelCompiler.Optimizer.Passes.Cleanup;

/// <summary>Dropout(x) = x in inference. It stays where its mask is read or its training mode may be on.</summary>
public sealed class DropoutRemoval : RewritePass
{
    /// <inheritdoc/>
    public override string Name => "dropout-removal";

    /// <inheritdoc/>
    public override bool KeepsTypes => true;

    /// <inheritdoc/>
    protected override bool MayMatch(Node node) => node.Is("Dropout");

    /// <inheritdoc/>
    protected override Rewrite Visit(Node node, PassContext context)
    {
        if (node.Input(0) is not { } source) return Rewrite.None;
        if (!Bypass.OnlyFirstOutputUsed(node)) return Rewrite.Refused("the mask is read");
        if (MayTrain(node, context.Model.Opset)) return Rewrite.Refused("its training mode may be on");
        return Bypass.Around(node, source, "inference reads its input instead");
    }

    /// <summary>Operator set 12 made the training mode an input; below 7 an attribute said that it is a test.</summary>
    private static bool MayTrain(Node node, long opset) => opset < 7 ? node.Attributes.GetInt("is_test", 0) == 0 : RandomOperators.MayDrop(node);
}
