using ModelCompiler.Onnx;

namespace ModelCompiler.Tool.Inspection;

/// <summary>
/// Counts multiply-accumulate operations: what convolutions, matrix products, recurrent layers and attention multiply, and nothing else. Of the
/// branches of an If the largest counts; the body of a Loop or Scan has an unknown number of turns.
/// </summary>
internal static class MacCounter
{
    /// <summary>The count, or null where a shape that it depends on is not known.</summary>
    /// <exception cref="OverflowException">The count does not fit.</exception>
    public static long? Count(Graph graph)
    {
        long total = 0;
        foreach (Node node in graph.Nodes)
        {
            if (Count(node) is not { } macs) return null;
            total = checked(total + macs);
        }
        return total;
    }

    private static long? Count(Node node) => node.OpType switch
    {
        "If" => Branches(node),
        "Loop" or "Scan" or "SequenceMap" => node.Subgraphs.All(body => Count(body) == 0) ? 0 : null,
        "Conv" or "FusedConv" or "ConvInteger" => OutputTimesKernel(node, weight: 1),
        "QLinearConv" => OutputTimesKernel(node, weight: 3),
        // Every input element meets the whole kernel of its group: W is [C_in, C_out / groups, k...].
        "ConvTranspose" => Multiply(Elements(node.Input(0)), KernelElements(node.Input(1))),
        "Gemm" => Multiply(Elements(node.Outputs[0]), Dimension(node.Input(0), node.Attributes.GetInt("transA", 0) != 0 ? 0 : 1)),
        "MatMul" or "MatMulInteger" or "QLinearMatMul" or "FusedMatMul" => Multiply(Elements(node.Outputs[0]), Dimension(node.Input(0), -1)),
        "MatMulNBits" => Multiply(Elements(node.Outputs[0]), node.Attributes.GetInt("K", 0)),
        "LSTM" or "GRU" or "RNN" => Recurrent(node),
        "Attention" => node.Domain.Length > 0 ? PackedAttention(node) : Attention(node),
        "MultiHeadAttention" => Attention(node),
        "Einsum" => Einsum(node),
        _ => 0,
    };

    private static long? Branches(Node node)
    {
        long largest = 0;
        foreach (Graph branch in node.Subgraphs)
        {
            if (Count(branch) is not { } macs) return null;
            largest = Math.Max(largest, macs);
        }
        return largest;
    }

    /// <summary>Convolution: each output element sums C_in / groups · k products; W is [C_out, C_in / groups, k...].</summary>
    private static long? OutputTimesKernel(Node node, int weight) => Multiply(Elements(node.Outputs[0]), KernelElements(node.Input(weight)));

    private static long? KernelElements(Value? weight) => weight?.Shape is { Rank: > 0 } shape ? new Shape(shape.Dims[1..]).ElementCount : null;

    /// <summary>Each step of each sequence meets all weights once: X is [steps, batch, in] or [batch, steps, in], W and R hold all gates and directions.</summary>
    private static long? Recurrent(Node node)
    {
        long? vectors = Multiply(Dimension(node.Input(0), 0), Dimension(node.Input(0), 1));
        return Multiply(vectors, Elements(node.Input(1)) + Elements(node.Input(2)));
    }

    /// <summary>Q·Kᵀ and the product with V, over queries of length S and keys of length L: elements of Q times L, and the same for V's width.</summary>
    private static long? Attention(Node node)
    {
        long? length = Dimension(node.Input(1), -2);
        return Multiply(length, Elements(node.Input(0)) + Elements(node.Outputs[0]));
    }

    /// <summary>ONNX Runtime's Attention multiplies by the packed weights of Q, K and V first: X is [batch, S, in], W is [in, 3·hidden].</summary>
    private static long? PackedAttention(Node node)
    {
        long? projections = Multiply(Multiply(Dimension(node.Input(0), 0), Dimension(node.Input(0), 1)), Elements(node.Input(1)));
        return projections + Multiply(Dimension(node.Input(0), 1), 2 * Elements(node.Outputs[0]));
    }

    /// <summary>The product of the sizes of all subscripts; none where there is nothing to multiply.</summary>
    private static long? Einsum(Node node)
    {
        if (node.Inputs.Length < 2) return 0;
        string equation = node.Attributes.GetString("equation", "").Replace(" ", "", StringComparison.Ordinal);
        string[] terms = equation.Split("->")[0].Split(',');
        var sizes = new Dictionary<char, long>();
        for (int i = 0; i < terms.Length; i++)
        {
            // An ellipsis stands for dimensions without a letter.
            if (node.Input(i)?.Shape is not { } shape || shape.Rank != terms[i].Length) return null;
            for (int axis = 0; axis < terms[i].Length; axis++)
            {
                if (shape[axis].ValueOrNull is not { } size) return null;
                sizes[terms[i][axis]] = Math.Max(sizes.GetValueOrDefault(terms[i][axis]), size);
            }
        }
        return sizes.Values.Aggregate(1L, (product, size) => checked(product * size));
    }

    private static long? Elements(Value? value) => value?.Shape?.ElementCount;

    /// <summary>The size of an axis, from the end where it is negative.</summary>
    private static long? Dimension(Value? value, int axis)
    {
        if (value?.Shape is not { } shape) return null;
        int index = axis < 0 ? axis + shape.Rank : axis;
        return index >= 0 && index < shape.Rank ? shape[index].ValueOrNull : null;
    }

    private static long? Multiply(long? a, long? b) => a is { } x && b is { } y ? checked(x * y) : null;
}
