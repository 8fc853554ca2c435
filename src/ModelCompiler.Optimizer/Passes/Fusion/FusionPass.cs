using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes.Fusion.Matching;

namespace ModelCompiler.Optimizer.Passes.Fusion;

/// <summary>A pass that puts one operator in the place of the data flow that computes the same.</summary>
public abstract class FusionPass : RewritePass
{
    /// <summary>The forms that exporters write of a function of <c>x</c>, tried in order at each node.</summary>
    private protected abstract IReadOnlyList<Pattern> Forms { get; }

    /// <inheritdoc/>
    protected sealed override bool MayMatch(Node node)
    {
        if (node.Domain.Length > 0 || node.Outputs.Length == 0) return false;
        foreach (Pattern form in Forms)
            if (form.MayEndIn(node)) return true;
        return false;
    }

    /// <inheritdoc/>
    protected sealed override Rewrite Visit(Node node, PassContext context)
    {
        foreach (Pattern form in Forms)
        {
            if (Match.Of(form, node) is not { } match || !match.KeepsRank(match["x"])) continue;
            Rewrite rewrite = Fuse(match, context);
            if (rewrite != Rewrite.None) return rewrite;
        }
        return Rewrite.None;
    }

    /// <summary>Replaces what was found, or says why not.</summary>
    private protected abstract Rewrite Fuse(Match match, PassContext context);

    /// <summary>Replaces the nodes of a match by one node that reads <paramref name="inputs"/>.</summary>
    private protected static Node Replace(Match match, string opType, ReadOnlySpan<Value?> inputs, string domain = "")
    {
        Node node = Insert(match, opType, inputs, domain);
        node.Name = match.Root.Name;
        match.ReplaceBy(node.Output);
        return node;
    }

    /// <summary>Adds a node before the root of a match, whose output is of the same type.</summary>
    private protected static Node Insert(Match match, string opType, ReadOnlySpan<Value?> inputs, string domain = "")
    {
        Node root = match.Root;
        Node node = root.Graph.AddNode(opType, inputs, 1, domain, before: root);
        node.Output.Type = root.Outputs[0].Type;
        return node;
    }
}
