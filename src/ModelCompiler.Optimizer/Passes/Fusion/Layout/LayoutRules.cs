using System.Collections.Frozen;
using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes.Fusion.Matching;

namespace ModelCompiler.Optimizer.Passes.Fusion.Layout;

/// <summary>
/// The operators that compute the same on transposed operands, once the axes that they name are renamed: f(Transpose(x, p)) = Transpose(f'(x), p).
/// </summary>
internal static class LayoutRules
{
    private static readonly FrozenSet<string> Unary = new[]
    {
        "Relu", "LeakyRelu", "Clip", "Sigmoid", "Tanh", "HardSigmoid", "HardSwish", "Elu", "Selu", "Celu", "Gelu", "Mish", "Softplus", "Softsign",
        "ThresholdedRelu", "Exp", "Log", "Sqrt", "Reciprocal", "Abs", "Neg", "Erf", "Cast", "Identity", "Not", "Floor", "Ceil", "Round", "Sign",
    }.ToFrozenSet();

    private static readonly FrozenSet<string> Broadcasting = new[]
    {
        "Add", "Sub", "Mul", "Div", "Pow", "Max", "Min", "Sum", "Mean", "PRelu", "Where", "And", "Or", "Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual",
    }.ToFrozenSet();

    private static readonly FrozenSet<string> Reductions = new[] { "ReduceMean", "ReduceSum", "ReduceMax", "ReduceMin", "ReduceL1", "ReduceL2", "ReduceProd" }.ToFrozenSet();

    /// <summary>How many of the first inputs are laid out; the others are parameters.</summary>
    public static int LaidOutInputs(Node node) => Broadcasting.Contains(node.OpType) || node.Is("Concat") ? node.Inputs.Length : 1;

    /// <summary>Whether the outputs are laid out as the inputs are. A reduction that drops axes ends a region: its result has fewer of them.</summary>
    public static bool HasLaidOutOutputs(Node node) => !Reductions.Contains(node.OpType) || node.Attributes.GetInt("keepdims", 1) != 0;

    /// <summary>Whether a node can work on operands transposed by <paramref name="permutation"/>.</summary>
    public static bool Accepts(Node node, long[] permutation, long opset)
    {
        if (node.Domain.Length > 0 || !HasLaidOutOperands(node, permutation.Length)) return false;
        if (Unary.Contains(node.OpType) || Broadcasting.Contains(node.OpType) || node.OpType is "Concat") return true;
        return node.OpType switch
        {
            // Before opset 13 they worked on the matrix of the axes before and from theirs.
            "Softmax" or "LogSoftmax" => opset >= 13,
            "Split" => true,
            "Pad" => Constants.Integers(node.Input(1)) is { } pads && pads.Length == 2 * permutation.Length && node.Input(3) is null,
            _ => Reductions.Contains(node.OpType) && AxesOf(node) is { } axes && (HasLaidOutOutputs(node) || KeepsOrder(axes, permutation)),
        };
    }

    /// <summary>Renames the axes of a node whose operands were Transpose(new, permutation) and now are new.</summary>
    public static void Convert(Node node, long[] permutation)
    {
        int rank = permutation.Length;
        if (node.OpType is "Concat" or "Split" or "Softmax" or "LogSoftmax") node.Attributes.Set("axis", permutation[Positive(DefaultAxis(node), rank)]);
        else if (node.Is("Pad")) ReplaceInput(node, 1, Permuted(Constants.Integers(node.Input(1))!, permutation));
        else if (Reductions.Contains(node.OpType)) ConvertAxes(node, [.. AxesOf(node)!.Select(axis => permutation[Positive(axis, rank)])]);
    }

    private static void ConvertAxes(Node node, long[] axes)
    {
        if (node.Input(1) is null) node.Attributes.Set("axes", axes);
        else ReplaceInput(node, 1, axes);
    }

    private static void ReplaceInput(Node node, int index, long[] numbers) =>
        node.SetInput(index, node.Graph.AddInitializer(node.Inputs[index]!.Name, Tensor.Vector<long>(numbers)));

    private static long[] Permuted(long[] pads, long[] permutation)
    {
        int rank = permutation.Length;
        var result = new long[pads.Length];
        for (int i = 0; i < rank; i++) (result[permutation[i]], result[permutation[i] + rank]) = (pads[i], pads[i + rank]);
        return result;
    }

    private static long DefaultAxis(Node node) => node.Attributes.GetInt("axis", node.Is("Split") ? 0 : -1);

    private static long Positive(long axis, int rank) => axis < 0 ? axis + rank : axis;

    private static long[]? AxesOf(Node node) => node.Input(1) is { } input ? Constants.Integers(input) : node.Attributes.GetInts("axes");

    // What is left after dropping the axes must come in the same order.
    private static bool KeepsOrder(long[] axes, long[] permutation)
    {
        long[] left = [.. Enumerable.Range(0, permutation.Length).Where(i => !axes.Contains(i) && !axes.Contains(i - permutation.Length)).Select(i => permutation[i])];
        return left.SequenceEqual(left.Order());
    }

    private static bool HasLaidOutOperands(Node node, int rank)
    {
        int count = LaidOutInputs(node);
        for (int i = 0; i < count; i++)
        {
            // A computed value of lower rank would need a Reshape first; a constant is reshaped here and now.
            if (node.Input(i) is not { } input || input.Shape is not { } shape || input.ElementType.BitWidth() < 8) return false;
            if (shape.Rank != rank && !(shape.Rank < rank && Constants.IsConstant(input))) return false;
        }
        foreach (Value output in node.Outputs)
            if (output.Name.Length > 0 && HasLaidOutOutputs(node) && output.Shape?.Rank != rank) return false;
        return node.Outputs[0].Name.Length > 0;
    }
}
