using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes.Cleanup;

namespace ModelCompiler.Optimizer.Passes.Folding;

/// <summary>
/// f(c) → initializer where c is constant: ONNX Runtime itself computes f, so the answer is its own, bit for bit. The foldable nodes of the model
/// are computed together, a thousand in a session.
/// </summary>
/// <param name="keepsSize">
/// Whether the file must not become noticeably larger. Not so where weights are about to be quantized: what stores them in 16 bits then is gone.
/// </param>
public sealed class ConstantFolding(bool keepsSize = false) : IPass
{
    /// <summary>How many bytes the result of one node may take beyond the constants that it converts.</summary>
    public const long MaxGrowthBytes = 4 << 20;

    /// <summary>How many bytes the results of all nodes may, or none that grows is folded.</summary>
    public const long MaxTotalGrowthBytes = 64 << 20;

    /// <summary>How many bytes may be computed from weights that lie in files, and held in memory from then on.</summary>
    public const long MaxLoadedBytes = 256 << 20;

    // What a file that keeps its size may gain: this share of its constants, or so little that nobody minds.
    private const int ShareOfConstants = 50;
    private const long SmallGrowthBytes = 4096;

    /// <inheritdoc/>
    public string Name => "constant-folding";

    /// <inheritdoc/>
    public bool KeepsTypes => true;

    /// <inheritdoc/>
    public void Apply(PassContext context)
    {
        FoldingPlan plan = FoldingPlan.For(context.Graph);
        if (keepsSize) plan.KeepSize(Math.Max(SmallGrowthBytes, ConstantBytes(context.Graph) / ShareOfConstants));
        foreach ((Node node, string reason) in plan.Refusals) context.Refused(node.ToString(), reason);
        if (plan.Nodes.Count == 0) return;
        var evaluator = new ConstantEvaluator(context.Model);
        evaluator.Evaluate(plan.Nodes);
        foreach ((Node node, string reason) in evaluator.Failures) context.Refused(node.ToString(), $"ONNX Runtime does not compute it: {reason}");
        foreach (Node node in plan.Nodes.Where(plan.IsReplaced))
            foreach (Value output in node.Outputs)
                if (!context.IsExhausted && !output.IsUnused && evaluator.Find(output) is { } tensor) Replace(output, tensor, context);
        foreach (Node node in plan.Nodes.Reverse()) DeadCode.RemoveUpwards(node);
    }

    private static long ConstantBytes(Graph graph) => graph.AllGraphs().SelectMany(g => g.Initializers).Sum(value => ResultSize.Of(value) ?? 0);

    private static void Replace(Value value, Tensor tensor, PassContext context)
    {
        Node node = value.Producer!;
        if (value.Type is { } type && !type.IsCompatible(tensor.Type))
        {
            context.Refused(node.ToString(), $"its result is {tensor}, and the model declares {type}");
            return;
        }
        Value constant = node.Graph.AddInitializer(value.Name, tensor);
        node.Graph.ReplaceAllUses(value, constant);
        context.Changed(node.ToString(), $"became the constant '{constant}' of {tensor}");
    }
}
