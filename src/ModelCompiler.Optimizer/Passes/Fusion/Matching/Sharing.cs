using ModelCompiler.Onnx;

namespace ModelCompiler.Optimizer.Passes.Fusion.Matching;

/// <summary>A value that a fusion would make vanish must have no other reader.</summary>
internal static class Sharing
{
    /// <summary>Why a value cannot vanish with the one node that is known to read it; null where it can.</summary>
    public static string? Reason(Value value)
    {
        if (value.HasSingleUse) return null;
        if (value.IsOutput) return $"'{value}' is also an output of the graph";
        IEnumerable<string> users = value.Uses.Select(use => $"'{use.Node}'").Distinct().Order(StringComparer.Ordinal);
        return $"'{value}' is used by more than one node: {string.Join(", ", users.Take(3))}";
    }
}
