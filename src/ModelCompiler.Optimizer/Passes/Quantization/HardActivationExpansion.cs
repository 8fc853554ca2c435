using ModelCompiler.Onnx;

namespace ModelCompiler.Optimizer.Passes.Quantization;

/// <summary>
/// HardSigmoid(x; α, β) = α · clip(x + β/α, 0, 1/α), and HardSwish(x) = 1/6 · x · clip(x + 3, 0, 6) (Howard et al. 2019, section 5.2): the whole
/// operators have no integer kernels, the pieces have. The factor behind them moves on into the weights that follow. What stays in floating
/// point is put together again after quantization.
/// </summary>
public sealed class HardActivationExpansion : RewritePass
{
    /// <inheritdoc/>
    public override string Name => "expand-hard-activations";

    /// <inheritdoc/>
    protected override Rewrite Visit(Node node, PassContext context)
    {
        // Clip has its limits as inputs since operator set 11.
        if (node.Input(0)?.ElementType != ElementType.Float || context.Model.Opset < 11) return Rewrite.None;
        bool isSwish = node.Is("HardSwish");
        if (!isSwish && !node.Is("HardSigmoid")) return Rewrite.None;
        float alpha = isSwish ? 1 / 6f : node.Attributes.GetFloat("alpha", 0.2f), beta = isSwish ? 0.5f : node.Attributes.GetFloat("beta", 0.5f);
        if (!(alpha > 0) || !float.IsFinite(1 / alpha) || !float.IsFinite(beta / alpha)) return Rewrite.Refused("a slope that is not positive");
        Value x = node.Inputs[0]!;
        Value gate = Add(node, "Clip", Add(node, "Add", x, Constant(node, beta / alpha)), Constant(node, 0), Constant(node, 1 / alpha));
        Value result = Add(node, "Mul", isSwish ? Add(node, "Mul", x, gate) : gate, Constant(node, alpha));
        node.Graph.ReplaceAllUses(node.Outputs[0], result);
        node.Graph.Remove(node);
        return Rewrite.Applied("taken apart: the pieces have integer kernels");
    }

    private static Value Constant(Node node, float value) => node.Graph.AddInitializer("constant", Tensor.Scalar(value));

    private static Value Add(Node user, string opType, params ReadOnlySpan<Value?> inputs)
    {
        Value value = user.Graph.AddNode(opType, inputs, before: user).Output;
        value.Type = user.Outputs[0].Type;
        return value;
    }
}
