using System.Collections.Frozen;
using ModelCompiler.Onnx;

namespace ModelCompiler.Optimizer.Quantization;

/// <summary>
/// The values of a graph that grow with others, without a bound: sums and products of them, up to what limits or normalizes them. How far they go is known no better than how
/// far the others do, whatever was observed: a row that reached far in one column says nothing of another column.
/// </summary>
internal static class GrowingValues
{
    private static readonly FrozenSet<string> Carriers = FrozenSet.ToFrozenSet(
    [
        "Abs", "Add", "AveragePool", "BatchNormalization", "Cast", "Celu", "Clip", "Concat", "Conv", "ConvTranspose", "CumSum", "DepthToSpace", "Div", "Einsum", "Elu", "Exp", "Expand", "Flatten", "Gather",
        "Gelu", "Gemm", "GlobalAveragePool", "GlobalMaxPool", "HardSwish", "Identity", "LeakyRelu", "MatMul", "Max", "MaxPool", "Mean", "Min", "Mul", "Neg", "PRelu", "Pad", "ReduceL1", "ReduceL2", "ReduceMax",
        "ReduceMean", "ReduceMin", "ReduceSum", "Relu", "Reshape", "Resize", "Selu", "Slice", "Softplus", "SpaceToDepth", "Split", "Squeeze", "Sub", "Sum", "Tile", "Transpose", "Unsqueeze", "Upsample", "Where",
    ]);

    /// <summary>The values of these names, and those that grow with them.</summary>
    public static HashSet<Value> With(Graph graph, IReadOnlySet<string> names)
    {
        HashSet<Value> growing = [.. graph.Values().Where(value => names.Contains(value.Name))];
        var queue = new Queue<Value>(growing);
        while (queue.TryDequeue(out Value? value))
        {
            foreach (Use use in value.Uses)
            {
                if (!Carries(use.Node, use.Index)) continue;
                foreach (Value output in use.Node.Outputs)
                    if (growing.Add(output)) queue.Enqueue(output);
            }
        }
        return growing;
    }

    private static bool Carries(Node node, int index)
    {
        if (!Carriers.Contains(node.OpType)) return false;
        // What is divided by what was computed of it is normalized.
        if (node.Is("Div")) return index == 0 && node.Constant(1) is not null;
        return Clamp.Of(node) is not { Min: > float.NegativeInfinity, Max: < float.PositiveInfinity };
    }
}
