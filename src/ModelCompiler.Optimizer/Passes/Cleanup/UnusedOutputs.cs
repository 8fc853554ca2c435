using System.Collections.Frozen;
using ModelCompiler.Onnx;

namespace ModelCompiler.Optimizer.Passes.Cleanup;

/// <summary>
/// Optional outputs that nothing reads are left out, so that kernels need not compute them; those of If and Loop go together with what the branches
/// and the body computed for them.
/// </summary>
public sealed class UnusedOutputs : RewritePass
{
    /// <summary>Per operator, the outputs that may be left out. Not the indices of MaxPool: the kernel without them treats NaN in another way.</summary>
    private static readonly FrozenDictionary<string, int[]> Optional = new Dictionary<string, int[]>
    {
        ["BatchNormalization"] = [1, 2, 3, 4],
        ["Dropout"] = [1],
        ["LayerNormalization"] = [1, 2],
        ["LSTM"] = [0, 1, 2],
        ["GRU"] = [0, 1],
        ["RNN"] = [0, 1],
        ["Unique"] = [1, 2, 3],
    }.ToFrozenDictionary();

    /// <inheritdoc/>
    public override string Name => "unused-outputs";

    /// <inheritdoc/>
    public override bool KeepsTypes => true;

    /// <inheritdoc/>
    protected override bool MayMatch(Node node) => node.Outputs.Length > 1 && FirstUnused(node) >= 0;

    /// <inheritdoc/>
    protected override Rewrite Visit(Node node, PassContext context)
    {
        int index = FirstUnused(node);
        // A node that nothing reads at all is dead code.
        if (node.Outputs.ToArray().All(output => output.IsUnused)) return Rewrite.None;
        string name = node.Outputs[index].Name;
        if (node.Is("If")) Remove(node, index, "then_branch", "else_branch", 0);
        else if (node.Is("Loop")) Remove(node, index, "body", "body", 1);
        else node.Graph.LeaveOutOutput(node, index);
        return Rewrite.Applied($"nothing reads its output '{name}'");
    }

    private static int FirstUnused(Node node)
    {
        if (node.Domain.Length > 0) return -1;
        for (int i = 0; i < node.Outputs.Length; i++)
            if (node.Outputs[i] is { IsUnused: true, Name.Length: > 0 } && MayGo(node, i)) return i;
        return -1;
    }

    // The state of a loop goes in and out; what it scans only goes out.
    private static bool MayGo(Node node, int index) => node.OpType switch
    {
        "If" => true,
        "Loop" => index >= node.Inputs.Length - 2,
        // In training mode it must have three, and what it answers hangs on the batch.
        "BatchNormalization" when node.Attributes.GetInt("training_mode", 0) != 0 => false,
        _ => Optional.TryGetValue(node.OpType, out int[]? optional) && optional.Contains(index),
    };

    private static void Remove(Node node, int index, string body, string otherBody, int offset)
    {
        node.Attributes[body].Graph.RemoveOutput(index + offset);
        if (otherBody != body) node.Attributes[otherBody].Graph.RemoveOutput(index + offset);
        node.Graph.RemoveOutput(node, index);
    }
}
