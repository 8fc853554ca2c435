using ModelCompiler.Onnx;

namespace ModelCompiler.Optimizer.Passes.Quantization;

/// <summary>
/// The phases [batch, rows · columns · channels, height, width] of a picture, each of every so many lines and columns one, as the picture [batch, channels, rows · height, columns · width]. With the
/// channels last, as integer convolutions compute, pixels move in blocks of all channels: DepthToSpace, one element at a time, took a third of an autoencoder.
/// </summary>
internal static class PhaseInterleaving
{
    /// <summary>Puts this in the place of a node.</summary>
    /// <param name="node">What gives the picture.</param>
    /// <param name="phases">The phases: rows before columns before channels.</param>
    /// <param name="shape">A shape of four dimensions with the phases' batch, height and width.</param>
    /// <param name="rows">How many phases there are downwards,</param>
    /// <param name="columns">and to the right.</param>
    /// <param name="channels">How many channels the picture has.</param>
    public static void Replace(Node node, Value phases, Shape shape, int rows, int columns, long channels)
    {
        Value pixels = Transpose(phases, node, 0, 2, 3, 1);
        if (shape[2].IsKnown && shape[3].IsKnown)
        {
            long height = shape[2].Value, width = shape[3].Value;
            Value lines = Transpose(Reshape(pixels, node, Sizes(node, -1, width, rows, columns * channels)), node, 0, 2, 1, 3);
            pixels = Reshape(lines, node, Sizes(node, -1, height * rows, width * columns, channels));
        }
        else
        {
            // [batch, height, width, phases] · [1, rows, columns, 0] + [0, 0, 0, channels]
            Value all = Add(node, "Mul", Add(node, "Shape", pixels), Sizes(node, 1, rows, columns, 0));
            all = Add(node, "Add", all, Sizes(node, 0, 0, 0, channels));
            pixels = Reshape(Transpose(Reshape(pixels, node, Sizes(node, 0, 0, 0, rows, columns * channels)), node, 0, 1, 3, 2, 4), node, all);
        }
        node.ReplaceBy("Transpose", [pixels], keepAttributes: false).Attributes.Set("perm", [0, 3, 1, 2L]);
    }

    private static Value Transpose(Value value, Node before, params long[] permutation)
    {
        Value result = Add(before, "Transpose", value);
        result.Producer!.Attributes.Set("perm", permutation);
        return result;
    }

    private static Value Reshape(Value value, Node before, Value sizes) => Add(before, "Reshape", value, sizes);

    private static Value Sizes(Node node, params ReadOnlySpan<long> sizes) => node.Graph.AddInitializer("sizes", Tensor.Vector(sizes));

    private static Value Add(Node before, string opType, params ReadOnlySpan<Value?> inputs) => before.Graph.AddNode(opType, inputs, before: before).Output;
}
