using ModelCompiler.Onnx;

namespace ModelCompiler.Optimizer.Quantization;

/// <summary>
/// The products whose results go into a logarithm, or a root that compresses as one does, with nothing in between that bounds them: a transform and
/// its mel bands. There the ratio of small numbers counts as much as that of large ones, and 256 equal steps make all small ones zero.
/// </summary>
internal static class LogarithmicProducts
{
    /// <summary>What reports say of one.</summary>
    public const string Reason = "stays in float32: a logarithm of its results makes small numbers count as much as large ones";

    /// <summary>What keeps ratios, up to shifts; powers and sums of them included. An activation bounds, or leaves ratios to what follows.</summary>
    private static readonly HashSet<string> Passing =
    [
        "Conv", "Gemm", "MatMul", "Add", "Sub", "Mul", "Div", "Pow", "Sqrt", "Abs", "Clip", "Max", "Sum", "ReduceSum", "ReduceMean", "ReduceL2", "ReduceSumSquare",
        "Cast", "Concat", "Flatten", "Gather", "Identity", "Pad", "Reshape", "Slice", "Split", "Squeeze", "Transpose", "Unsqueeze",
    ];

    /// <summary>Their names, of the products given by the names of their outputs.</summary>
    public static IReadOnlySet<string> Of(Graph graph, IReadOnlyList<string> products)
    {
        var seen = new HashSet<Node>();
        var queue = new Queue<Node>(graph.Nodes.Where(Compresses));
        while (queue.TryDequeue(out Node? node))
        {
            foreach (Value? input in node.Inputs)
                if (input?.Producer is { } producer && Passes(producer) && seen.Add(producer)) queue.Enqueue(producer);
        }
        var named = products.ToHashSet();
        return seen.Select(node => node.Outputs[0].Name).Where(named.Contains).ToHashSet();
    }

    private static bool Compresses(Node node) =>
        node.Is("Log") || (node.Is("Pow") && node.Constant(1) is { ElementType: ElementType.Float, ElementCount: 1 } exponent && exponent.AsSpan<float>()[0] is > 0 and < 0.5f);

    private static bool Passes(Node node) =>
        node.Domain.Length == 0 && Passing.Contains(node.OpType) && (!node.Is("Clip") || Clamp.Of(node) is not { Max: < float.PositiveInfinity });
}
