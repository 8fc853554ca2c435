using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes.Fusion.Matching;

namespace ModelCompiler.Optimizer.Passes.Fusion.Normalizations;

/// <summary>
/// GroupNormalization(x; G) = γ ⊙ reshape(InstanceNormalization(reshape(x, [batch, G, −1]))) + β: for providers that have a kernel for
/// InstanceNormalization and would take GroupNormalization apart into single reductions.
/// </summary>
public sealed class GroupNormalizationExpansion : RewritePass
{
    /// <inheritdoc/>
    public override string Name => "expand-group-normalization";

    /// <inheritdoc/>
    protected override Rewrite Visit(Node node, PassContext context)
    {
        if (!node.Is("GroupNormalization") || !context.Target.ExpandedOperators.Contains("GroupNormalization")) return Rewrite.None;
        if (node.Inputs[0]!.ElementType is not ElementType.Float || node.Attributes.Find("num_groups")?.Int is not { } groups) return Rewrite.None;
        if (node.Inputs[0]!.Shape is not { Rank: >= 3 } shape || shape.Skip(1).Any(dim => !dim.IsKnown)) return Rewrite.Refused("the size of the image is not known");
        // In operator set 18, scale and bias were per group, which is what InstanceNormalization has.
        bool isPerGroup = context.Model.Opset < 21;
        Value grouped = Add(node, "Reshape", node.Inputs[0]!, Vector(node, 0, groups, -1));
        Value normalized = Add(node, "InstanceNormalization", grouped, isPerGroup ? node.Inputs[1]! : Filled(node, groups, 1), isPerGroup ? node.Inputs[2]! : Filled(node, groups, 0));
        normalized.Producer!.Attributes.Set("epsilon", node.Attributes.GetFloat("epsilon", 1e-5f));
        Value result = Add(node, "Reshape", normalized, Vector(node, [0, .. shape.Skip(1).Select(dim => dim.Value)]));
        if (!isPerGroup) result = Add(node, "Add", Add(node, "Mul", result, PerChannel(node, 1, shape.Rank)), PerChannel(node, 2, shape.Rank));
        result.Type = node.Outputs[0].Type;
        node.Graph.ReplaceAllUses(node.Outputs[0], result);
        node.Graph.Remove(node);
        return Rewrite.Applied("taken apart around InstanceNormalization: the pieces are faster");
    }

    private static Value PerChannel(Node node, int index, int rank)
    {
        Value parameter = node.Inputs[index]!;
        long[] dims = [-1, .. Enumerable.Repeat(1L, rank - 2)];
        if (Constants.Of(parameter) is not { } constant) return Add(node, "Reshape", parameter, Vector(node, dims));
        dims[0] = constant.ElementCount;
        return node.Graph.AddInitializer(parameter.Name, constant.Reshaped(dims));
    }

    private static Value Filled(Node node, long count, float number)
    {
        float[] values = new float[count];
        Array.Fill(values, number);
        return node.Graph.AddInitializer("parameter", Tensor.Vector<float>(values));
    }

    private static Value Vector(Node node, params long[] numbers) => node.Graph.AddInitializer("shape", Tensor.Vector<long>(numbers));

    private static Value Add(Node before, string opType, params ReadOnlySpan<Value?> inputs) => before.Graph.AddNode(opType, inputs, before: before).Output;
}
