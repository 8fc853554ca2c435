using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes.Fusion.Matching;

namespace ModelCompiler.Optimizer.Passes.Fusion.Activations;

/// <summary>
/// PRelu(x; α) = max(x, α ⊙ x) for slopes between 0 and 1, and relu(x) + α ⊙ min(x, 0) for others: where the provider's kernel goes one number
/// at a time, its kernels for the pieces are faster.
/// </summary>
public sealed class PReluExpansion : RewritePass
{
    /// <inheritdoc/>
    public override string Name => "expand-prelu";

    /// <inheritdoc/>
    protected override Rewrite Visit(Node node, PassContext context)
    {
        if (!node.Is("PRelu") || !context.Target.ExpandedOperators.Contains("PRelu")) return Rewrite.None;
        // One slope is LeakyRelu, which is faster still. Max and Min have kernels for float since opset 8.
        if (Constants.Of(node.Input(1)) is not { ElementType: ElementType.Float, ElementCount: > 1 } slopes || context.Model.Opset < 8) return Rewrite.None;
        // Zero times them would be NaN where x is positive.
        if (slopes.AsSpan<float>().ContainsAnyExceptInRange(float.MinValue, float.MaxValue)) return Rewrite.Refused("a slope is NaN or infinite");
        Value result = AreBelowOne(slopes) ? Larger(node) : SumOfHalves(node);
        node.Graph.ReplaceAllUses(node.Outputs[0], result);
        node.Graph.Remove(node);
        return Rewrite.Applied("taken apart: the pieces are faster");
    }

    // At 0 an infinite x would make a NaN of the product.
    private static bool AreBelowOne(Tensor slopes)
    {
        foreach (float slope in slopes.AsSpan<float>())
            if (!(slope is > 0 and <= 1)) return false;
        return true;
    }

    private static Value Larger(Node node)
    {
        Value x = node.Inputs[0]!;
        return Add(node, "Max", x, Add(node, "Mul", x, node.Inputs[1]!));
    }

    private static Value SumOfHalves(Node node)
    {
        Value x = node.Inputs[0]!, zero = node.Graph.AddInitializer("zero", Tensor.Scalar(0f));
        Value negative = Add(node, "Mul", Add(node, "Min", x, zero), node.Inputs[1]!);
        return Add(node, "Add", Add(node, "Relu", x), negative);
    }

    private static Value Add(Node prelu, string opType, params ReadOnlySpan<Value?> inputs)
    {
        Value value = prelu.Graph.AddNode(opType, inputs, before: prelu).Output;
        value.Type = prelu.Outputs[0].Type;
        return value;
    }
}
