using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Quantization.Channels;
using ModelCompiler.Optimizer.Targets;

namespace ModelCompiler.Optimizer.Passes.Quantization;

/// <summary>
/// A convolution with stride s that reads a picture, as one with stride 1 that reads blocks of s × s of its pixels (<see cref="StrideBlocks"/>): ONNX Runtime's integer
/// convolutions look up an address for every tap and multiply four channels at a time, of which a picture has three. (Version 1.30 with AVX2 took half the time for
/// 16 × 16 pixels with stride 16, three quarters for 7 × 7 with stride 2.) The pixels of a row lie behind each other as soon as channels are last, as integer convolutions
/// compute, so that what is moved is rows of a block. Every answer stays as it is, to the bit. Requires sizes that are multiples of s, and as many filters as the fast
/// kernel takes (<see cref="TargetProfile.Channels"/>).
/// </summary>
public sealed class PictureBlocks : RewritePass
{
    /// <inheritdoc/>
    public override string Name => "picture-blocks";

    /// <inheritdoc/>
    protected override bool MayMatch(Node node) => node.Is("Conv");

    /// <inheritdoc/>
    protected override Rewrite Visit(Node node, PassContext context)
    {
        if (context.Target.Channels is not { } channels || !ChannelAlignment.IsInteger(node)) return Rewrite.None;
        if (node.Inputs[0]!.Producer is not { } dequantize || dequantize.Inputs[0]!.Producer?.Is("QuantizeLinear") != true) return Rewrite.None;
        Tensor weights = ProductConstant.Of(node, 1)!;
        if (StrideBlocks.Of(node, weights.Dims) is not { } blocks) return Rewrite.None;
        if (!ChannelAlignment.IsFull(weights.Dims[0], channels) || blocks.BlockChannels % channels.Inputs != 0) return Rewrite.Refused("its channels are not those of the faster kernel");
        if (dequantize.Constant(1) is not { Rank: 0 } || dequantize.Constant(2) is not { Rank: 0 }) return Rewrite.Refused("its input has a scale for each channel");
        if (node.Inputs[0]!.Shape is not { Rank: 4 } shape || Last(node, shape, 2, blocks.Rows, blocks.Stride) is not { } below || Last(node, shape, 3, blocks.Columns, blocks.Stride) is not { } right)
            return Rewrite.Refused($"its picture is not known to be of whole blocks of {blocks.Stride} × {blocks.Stride}");

        Value pixels = Blocks(dequantize.Inputs[0]!, shape[2].Value, shape[3].Value, blocks, node);
        Node real = node.Graph.AddNode("DequantizeLinear", [pixels, dequantize.Inputs[1], dequantize.Inputs[2]], before: node);
        real.Output.Type = new TensorType(ElementType.Float, pixels.Shape!);
        node.SetInput(0, real.Output);
        SetWeights(node, weights, blocks);
        node.Attributes.Set("kernel_shape", [blocks.Rows.Window, (long)blocks.Columns.Window]);
        node.Attributes.Set("pads", [blocks.Rows.Pad, blocks.Columns.Pad, below, right]);
        node.Attributes.Remove("strides");
        return Rewrite.Applied($"reads blocks of {blocks.Stride} × {blocks.Stride} pixels: the faster kernel multiplies four channels at a time");
    }

    /// <summary>The blocks of padding behind the last; null where they would have to be cut off, or sizes are not known.</summary>
    private static long? Last(Node conv, Shape shape, int axis, StrideBlocks.Axis window, int stride)
    {
        if (shape[axis].ValueOrNull is not { } size || size % stride != 0 || conv.Outputs[0].Shape is not { Rank: 4 } result || result[axis].ValueOrNull is not { } count) return null;
        return count - (size / stride) - window.Pad + window.Window - 1 is var last && last >= 0 ? last : null;
    }

    private static Value Blocks(Value picture, long height, long width, StrideBlocks blocks, Node before)
    {
        Dim batch = picture.Shape![0];
        long stride = blocks.Stride, rows = height / stride, columns = width / stride, line = stride * blocks.Channels;
        Value pixels = Transpose(picture, before, new Shape(batch, height, width, blocks.Channels), 0, 2, 3, 1);
        pixels = Reshape(pixels, before, new Shape(batch, rows, stride, columns, line));
        pixels = Transpose(pixels, before, new Shape(batch, rows, columns, stride, line), 0, 1, 3, 2, 4);
        pixels = Reshape(pixels, before, new Shape(batch, rows, columns, blocks.BlockChannels));
        return Transpose(pixels, before, new Shape(batch, blocks.BlockChannels, rows, columns), 0, 3, 1, 2);
    }

    private static Value Transpose(Value value, Node before, Shape shape, params long[] permutation)
    {
        Node node = value.Graph.AddNode("Transpose", [value], before: before);
        node.Attributes.Set("perm", permutation);
        return Typed(node, value, shape);
    }

    private static Value Reshape(Value value, Node before, Shape shape) =>
        Typed(before.Graph.AddNode("Reshape", [value, before.Graph.AddInitializer("sizes", Tensor.Vector<long>([-1, .. shape.Dims[1..].ToArray().Select(dim => dim.Value)]))], before: before), value, shape);

    private static Value Typed(Node node, Value source, Shape shape)
    {
        node.Output.Type = new TensorType(source.ElementType, shape);
        return node.Output;
    }

    private static void SetWeights(Node conv, Tensor weights, StrideBlocks blocks)
    {
        int[] sources = [.. blocks.Weights()];
        int depth = (int)(weights.ElementCount / weights.Dims[0]);
        ReadOnlySpan<sbyte> from = weights.AsSpan<sbyte>();
        var to = new sbyte[weights.Dims[0] * sources.Length];
        for (int i = 0; i < to.Length; i++)
            if (sources[i % sources.Length] is var source and not StrideBlocks.Zero) to[i] = from[(i / sources.Length * depth) + source];
        Value real = conv.Inputs[1]!;
        Node dequantize = real.Producer!;
        var shape = new Shape(weights.Dims[0], blocks.BlockChannels, blocks.Rows.Window, blocks.Columns.Window);
        dequantize.SetInput(0, conv.Graph.AddInitializer(dequantize.Inputs[0]!.Name, Tensor.Create<sbyte>(to, [.. shape.Dims.ToArray().Select(dim => dim.Value)])));
        real.Type = new TensorType(ElementType.Float, shape);
    }
}
