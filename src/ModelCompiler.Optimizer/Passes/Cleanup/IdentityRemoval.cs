using ModelCompiler.Onnx;

namespace ModelCompiler.Optimizer.Passes.Cleanup;

/// <summary>
/// y = Identity(x): what reads y reads x. One stays where it gives an input, a constant or a value of an outer graph the name of an output.
/// </summary>
public sealed class IdentityRemoval : RewritePass
{
    /// <inheritdoc/>
    public override string Name => "identity-removal";

    /// <inheritdoc/>
    public override bool KeepsTypes => true;

    /// <inheritdoc/>
    protected override bool MayMatch(Node node) => node.Is("Identity");

    /// <inheritdoc/>
    protected override Rewrite Visit(Node node, PassContext context)
    {
        if (node.Input(0) is not { } source) return Rewrite.None;
        if (Bypass.NeedsNoIdentity(node.Output, source)) return Bypass.Around(node, source, "read its input instead");
        if (node.Output.Uses.Count == 0) return Rewrite.None;
        // The output keeps its name; its other readers need not wait for a copy.
        foreach (Use use in node.Output.Uses.ToList()) use.Node.SetInput(use.Index, source);
        return Rewrite.Applied("nodes read its input instead; it stays for the name of the output");
    }
}
