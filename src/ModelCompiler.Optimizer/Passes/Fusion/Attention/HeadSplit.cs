using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes.Fusion.Matching;

namespace ModelCompiler.Optimizer.Passes.Fusion.Attention;

/// <summary>
/// Queries, keys or values [batch, heads, tokens, size] and where they come from: tokens [batch, tokens, heads·size] (or all tokens in one axis)
/// that were reshaped and transposed, by themselves or as one of three in a packed projection [batch, tokens, 3, heads, size].
/// </summary>
/// <param name="Source">What was reshaped.</param>
/// <param name="Tokens">The number of tokens.</param>
/// <param name="Heads">The number of heads.</param>
/// <param name="Size">The elements of one head.</param>
/// <param name="Piece">Which of the three; null where it is not packed.</param>
internal sealed record HeadSplit(Value Source, Dim Tokens, long Heads, long Size, long? Piece)
{
    private long Width => Heads * Size;

    /// <summary>Traces a value of heads back; null where it comes from elsewhere.</summary>
    /// <param name="heads">[batch, heads, tokens, size], or [batch, heads, size, tokens] for keys.</param>
    /// <param name="areKeys">Whether the last two axes are exchanged.</param>
    public static HeadSplit? Of(Value heads, bool areKeys)
    {
        if (heads.Producer is not { } node) return null;
        if (node.Is("Transpose") && Permutation.Of(node) is { } permutation && node.Input(0) is { } input)
        {
            if (permutation.AsSpan().SequenceEqual(areKeys ? [0, 2, 3, 1] : [0, 2, 1, 3])) return OfReshape(input.Producer, null);
            return areKeys && permutation.AsSpan().SequenceEqual([0, 1, 3, 2]) ? Of(input, false) : null;
        }
        return !areKeys && PieceOf(node) is var (pieces, index) ? OfPieces(pieces, index) : null;
    }

    /// <summary>The tokens [batch, tokens, heads·size] by themselves; null where their number is needed and not known.</summary>
    public Value? ToTokens(Node before)
    {
        if (Piece is not { } piece) return AsTokens(Source, Width, before);
        if (AsTokens(Source, 3 * Width, before) is not { } packed) return null;
        Graph graph = before.Graph;
        Value[] bounds = [.. new[] { piece * Width, (piece + 1) * Width, 2 }.Select(number => graph.AddInitializer("bound", Tensor.Vector(number)))];
        return Typed(graph.AddNode("Slice", [packed, .. bounds], before: before), packed, Width);
    }

    private Value? AsTokens(Value source, long width, Node before)
    {
        if (source.Shape is { Rank: 3 } shape && shape[2].ValueOrNull == width) return source;
        if (Tokens.ValueOrNull is not { } tokens) return null;
        Graph graph = before.Graph;
        return Typed(graph.AddNode("Reshape", [source, graph.AddInitializer("shape", Tensor.Vector(-1L, tokens, width))], before: before), source, width);
    }

    private Value Typed(Node node, Value source, long width)
    {
        node.Output.Type = new TensorType(source.ElementType, new Shape(Dim.Unknown, Tokens, width));
        return node.Output;
    }

    private static HeadSplit? OfReshape(Node? reshape, long? piece)
    {
        if (reshape is null || !reshape.Is("Reshape") || reshape.Outputs[0].Shape is not { } shape || shape.Rank != (piece is null ? 4 : 5)) return null;
        if (shape[^2].ValueOrNull is not { } heads || shape[^1].ValueOrNull is not { } size) return null;
        return new HeadSplit(reshape.Inputs[0]!, shape[1], heads, size, piece);
    }

    private static HeadSplit? OfPieces(Value pieces, long index)
    {
        if (pieces.Producer is not { } transpose || !transpose.Is("Transpose") || pieces.Shape is not { Rank: 5 } shape || shape[0].ValueOrNull != 3) return null;
        return Permutation.Of(transpose).AsSpan().SequenceEqual([2, 0, 3, 1, 4]) ? OfReshape(transpose.Input(0)?.Producer, index) : null;
    }

    /// <summary>The value of which a node takes one element of the first axis, and which: by Gather, or by Squeeze of a Slice or Split.</summary>
    private static (Value Pieces, long Index)? PieceOf(Node node)
    {
        if (node.Is("Gather"))
        {
            bool isFirstAxis = node.Attributes.GetInt("axis", 0) == 0 && Constants.Of(node.Input(1)) is { Rank: 0 };
            return isFirstAxis && Constants.Integers(node.Input(1)) is [>= 0 and var index] ? (node.Inputs[0]!, index) : null;
        }
        if (!node.Is("Squeeze") || (Constants.Integers(node.Input(1)) ?? node.Attributes.GetInts("axes")) is not [0] || node.Input(0)?.Producer is not { } part) return null;
        if (part.Is("Split")) return part.Attributes.GetInt("axis", 0) == 0 && part.Outputs.Length == 3 ? (part.Inputs[0]!, node.Inputs[0]!.ProducerIndex) : null;
        if (!part.Is("Slice")) return null;
        long[]? starts = part.Attributes.GetInts("starts") ?? Constants.Integers(part.Input(1)), ends = part.Attributes.GetInts("ends") ?? Constants.Integers(part.Input(2));
        long[]? axes = part.Attributes.GetInts("axes") ?? Constants.Integers(part.Input(3));
        return starts is [>= 0 and var start] && ends is [var end] && end == start + 1 && axes is [0] ? (part.Inputs[0]!, start) : null;
    }
}
