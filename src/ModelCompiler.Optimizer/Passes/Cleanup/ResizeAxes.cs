using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes.Fusion.Matching;

namespace ModelCompiler.Optimizer.Passes.Cleanup;

/// <summary>
/// Resize(x; sizes or scales of some axes) = Resize(x; those of all), where the others keep theirs. Where ONNX Runtime moves a Transpose past a Resize, as it does around convolutions on
/// integers, it turns the numbers as if there were one for each dimension, and the model does not open.
/// </summary>
public sealed class ResizeAxes : RewritePass
{
    private const int Scales = 2, Sizes = 3;

    /// <inheritdoc/>
    public override string Name => "resize-axes";

    /// <inheritdoc/>
    public override bool KeepsTypes => true;

    /// <inheritdoc/>
    protected override bool MayMatch(Node node) => node.Is("Resize") && node.Attributes.GetInts("axes") is not null;

    /// <inheritdoc/>
    protected override Rewrite Visit(Node node, PassContext context)
    {
        if (!MayMatch(node)) return Rewrite.None;
        if (node.Inputs[0]?.Shape is not { } shape) return Rewrite.Refused("the rank of its input is not known");
        if (node.Attributes.GetString("keep_aspect_ratio_policy", "stretch") != "stretch") return Rewrite.Refused("it keeps the ratio of the axes that it names");
        // The region has numbers for these axes too.
        if (node.Attributes.GetString("coordinate_transformation_mode", "half_pixel") == "tf_crop_and_resize") return Rewrite.Refused("it takes a region of these axes");
        int[] axes = [.. node.Attributes.GetInts("axes")!.Select(axis => (int)(axis < 0 ? axis + shape.Rank : axis))];
        Value? all = Given(node, Sizes) is { } sizes ? AllSizes(node, sizes, shape, axes) : AllScales(node, shape, axes);
        if (all is null) return Rewrite.Refused("what the other axes keep is not known");
        node.SetInput(Given(node, Sizes) is not null ? Sizes : Scales, all);
        node.SetInput(1, null);
        node.Attributes.Remove("axes");
        return Rewrite.Applied("names all axes");
    }

    private static Value? Given(Node node, int input) => node.Input(input) is { } value && value.Initializer is not { ElementCount: 0 } ? value : null;

    private static Value? AllScales(Node node, Shape shape, int[] axes)
    {
        if (Constants.Of(node.Input(Scales)) is not { ElementType: ElementType.Float } some || some.ElementCount != axes.Length) return null;
        float[] scales = [.. Enumerable.Repeat(1f, shape.Rank)];
        for (int i = 0; i < axes.Length; i++) scales[axes[i]] = some.AsSpan<float>()[i];
        return node.Graph.AddInitializer("scales", Tensor.Vector<float>(scales));
    }

    private static Value? AllSizes(Node node, Value some, Shape shape, int[] axes)
    {
        long?[] sizes = [.. Enumerable.Range(0, shape.Rank).Select(axis => shape[axis].ValueOrNull)];
        if (Constants.Of(some) is { } constant && constant.ElementCount == axes.Length && sizes.Index().All(size => size.Item is not null || axes.Contains(size.Index)))
        {
            for (int i = 0; i < axes.Length; i++) sizes[axes[i]] = constant.AsSpan<long>()[i];
            return node.Graph.AddInitializer("sizes", Tensor.Vector<long>([.. sizes.Select(size => size!.Value)]));
        }
        // The last ones, in order.
        int kept = shape.Rank - axes.Length;
        if (kept < 1 || axes.Index().Any(axis => axis.Item != kept + axis.Index)) return null;
        Node first = node.Graph.AddNode("Shape", [node.Inputs[0]!], before: node);
        first.Attributes.Set("end", (long)kept);
        first.Output.Type = new TensorType(ElementType.Int64, Shape.Of(kept));
        Node all = node.Graph.AddNode("Concat", [first.Output, some], before: node);
        all.Attributes.Set("axis", 0L);
        all.Output.Type = new TensorType(ElementType.Int64, Shape.Of(shape.Rank));
        return all.Output;
    }
}
