using ModelCompiler.Onnx;

namespace ModelCompiler.Optimizer.Passes;

/// <summary>Takes a node out of the data flow: what read its first output reads another value instead.</summary>
internal static class Bypass
{
    /// <summary>Lets the uses of <paramref name="node"/>'s first output read <paramref name="source"/> and removes the node, whose other outputs are unused.</summary>
    public static Rewrite Around(Node node, Value source, string change)
    {
        Value output = node.Outputs[0];
        if (output.Type is { } type && source.Type is { } sourceType && !type.IsCompatible(sourceType))
            return Rewrite.Refused($"'{source}' is declared as {sourceType}, '{output}' as {type}");
        node.Graph.ReplaceAllUses(output, source);
        node.Graph.Remove(node);
        return Rewrite.Applied(change);
    }

    /// <summary>Whether the uses of <paramref name="old"/> can read <paramref name="source"/> without an Identity that keeps the name of an output.</summary>
    public static bool NeedsNoIdentity(Value old, Value source) =>
        !old.IsOutput || (source is { Producer: not null, IsOutput: false } && ReferenceEquals(source.Graph, old.Graph));

    /// <summary>Whether only the first output of a node is read.</summary>
    public static bool OnlyFirstOutputUsed(Node node)
    {
        for (int i = 1; i < node.Outputs.Length; i++)
            if (!node.Outputs[i].IsUnused) return false;
        return true;
    }
}
