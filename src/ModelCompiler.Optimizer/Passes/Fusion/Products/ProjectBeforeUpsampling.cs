using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes.Fusion.Affine;
using ModelCompiler.Optimizer.Passes.Fusion.Matching;

namespace ModelCompiler.Optimizer.Passes.Fusion.Products;

/// <summary>
/// W·resize(x) + b = resize(W·x + b) for a pointwise convolution: it mixes channels, interpolation mixes pixels with weights that sum to one,
/// and the two orders are one. The convolution moves before an enlargement where it does not widen the image, and runs on fewer pixels.
/// </summary>
public sealed class ProjectBeforeUpsampling : RewritePass
{
    /// <inheritdoc/>
    public override string Name => "project-before-upsampling";

    /// <inheritdoc/>
    protected override Rewrite Visit(Node node, PassContext context)
    {
        if (!node.Is("Conv") || node.Input(0)?.Producer is not { } resize || !resize.Is("Resize") || !ReferenceEquals(resize.Graph, node.Graph)) return Rewrite.None;
        if (LinearLayer.Read(node, null, out _) is not { Layout: { Inner: 1, Groups: 1 } layout, HasPadding: false } || HasStrides(node)) return Rewrite.None;
        if (layout.Outputs > layout.Inputs || !Enlarges(resize)) return Rewrite.None;
        if (resize.Attributes.GetString("coordinate_transformation_mode", "") == "tf_crop_and_resize") return Rewrite.Refused($"'{resize}' fills in pixels of its own");
        if (Sharing.Reason(resize.Outputs[0]) is { } shared) return Rewrite.Refused(shared);
        Swap(resize, node, layout.Outputs);
        return Rewrite.Applied($"moved before '{resize}'");
    }

    private static bool HasStrides(Node node) => node.Attributes.GetInts("strides") is { } strides && Array.Exists(strides, s => s != 1);

    /// <summary>Whether a Resize keeps batch and channels, and has more pixels after than before.</summary>
    private static bool Enlarges(Node resize)
    {
        // Axes and aspect ratios (opset 18) are rare and left alone; so is the Resize of opset 10, which has no sizes.
        if (resize.Attributes.Find("axes") is not null || resize.Inputs.Length < 3) return false;
        if (resize.Attributes.GetString("keep_aspect_ratio_policy", "stretch") != "stretch") return false;
        if (Scales(resize) is { } scales) return scales.Length > 2 && scales[0] == 1 && scales[1] == 1 && scales[2..].All(s => s >= 1) && scales.Any(s => s > 1);
        if (Constants.Integers(resize.Input(3)) is not { } sizes || resize.Input(0)?.Shape is not { } shape || shape.Rank != sizes.Length) return false;
        bool isKnown = shape[0].ValueOrNull == sizes[0] && shape[1].ValueOrNull == sizes[1];
        return isKnown && Enumerable.Range(2, sizes.Length - 2).All(i => shape[i].ValueOrNull <= sizes[i])
            && Enumerable.Range(2, sizes.Length - 2).Any(i => shape[i].ValueOrNull < sizes[i]);
    }

    private static double[]? Scales(Node resize) => Constants.Numbers(resize.Input(2)) is { Length: > 0 } scales ? scales : null;

    private static void Swap(Node resize, Node convolution, int channels)
    {
        Graph graph = convolution.Graph;
        Value input = resize.Inputs[0]!, result = convolution.Outputs[0];
        Node resized = graph.AddNode("Resize", [input, .. resize.Inputs[1..]], name: resize.Name, before: convolution.Next);
        foreach (NodeAttribute attribute in resize.Attributes) resized.Attributes.Set(attribute);
        if (Scales(resize) is null) resized.SetInput(3, WithChannels(graph, resize.Inputs[3]!, channels));
        resized.Output.Type = result.Type;
        graph.ReplaceAllUses(result, resized.Output);
        convolution.SetInput(0, input);
        result.Type = input.TensorType is { Shape: { } shape } type ? type with { Shape = shape.With(1, channels) } : null;
        resized.SetInput(0, result);
        graph.Remove(resize);
    }

    private static Value WithChannels(Graph graph, Value sizes, int channels)
    {
        long[] numbers = Constants.Integers(sizes)!;
        numbers[1] = channels;
        return graph.AddInitializer(sizes.Name, Tensor.Vector<long>(numbers));
    }
}
