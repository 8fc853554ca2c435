using ModelCompiler.Onnx;

namespace ModelCompiler.Optimizer.Passes.Fusion.Products;

/// <summary>
/// Σₖ x[b…, k…]·W[k…, n…] = x·W as matrices, for constant weights: the dense layers of Keras and JAX are Einsums, for which there are neither integer kernels nor
/// fusions. The weights are turned, what is summed over becomes one dimension, and so do the features until the product is done.
/// </summary>
public sealed class EinsumToMatMul : RewritePass
{
    /// <inheritdoc/>
    public override string Name => "einsum-to-matmul";

    /// <inheritdoc/>
    protected override bool MayMatch(Node node) => node.Is("Einsum") && node.Inputs.Length == 2;

    /// <inheritdoc/>
    protected override Rewrite Visit(Node node, PassContext context)
    {
        int constant = node.Constant(1) is not null ? 1 : 0;
        if (node.Constant(constant) is not { ElementType: ElementType.Float or ElementType.Double } weights) return Rewrite.None;
        string equation = node.Attributes.GetString("equation", "").Replace(" ", "", StringComparison.Ordinal);
        if (equation.Split("->") is not [var operands, var result] || operands.Split(',') is not { Length: 2 } terms) return Rewrite.Refused("its result is not written out");
        if (!equation.All(letter => char.IsAsciiLetter(letter) || letter is ',' or '-' or '>')) return Rewrite.Refused("it leaves dimensions open");
        (string x, string w) = (terms[1 - constant], terms[constant]);
        if (((string[])[x, w, result]).Any(term => term.Distinct().Count() != term.Length)) return Rewrite.Refused("it takes a diagonal");
        string summed = Only(x, letter => w.Contains(letter)), kept = Only(x, letter => !w.Contains(letter)), features = Only(result, letter => w.Contains(letter));
        if (summed.Length == 0 || features.Length == 0 || summed.Any(result.Contains)) return Rewrite.Refused("it is no product with a matrix");
        if (features.Length + summed.Length != w.Length || features.Length + kept.Length != result.Length) return Rewrite.Refused("it sums over one factor alone");
        if (w.Length != weights.Rank) return Rewrite.None;
        if (node.Inputs[1 - constant]!.Shape is not { } shape || shape.Rank != x.Length || summed.Any(letter => shape[x.IndexOf(letter, StringComparison.Ordinal)] != SizeOf(letter)))
            return Rewrite.Refused("the sizes of what it sums over are not known to be those of the weights: one that is 1 is repeated");

        // Where x is turned anyway, it is into the order of the result.
        bool isTurned = x != kept + summed;
        if (isTurned) kept = Only(result, letter => x.Contains(letter));
        long rows = Size(summed), columns = Size(features);
        Value value = node.Inputs[1 - constant]!, matrix = node.Inputs[constant]!;
        if (isTurned) value = Transpose(value, x, kept + summed);
        if (summed.Length > 1) value = Reshape(value, kept, [rows]);
        if (w != summed + features) matrix = Transpose(matrix, w, summed + features);
        if (w.Length > 2) matrix = Reshape(matrix, "", [rows, columns]);
        value = Insert("MatMul", value, matrix);
        if (features.Length > 1) value = Reshape(value, kept, [.. features.Select(SizeOf)]);
        if (kept + features != result) value = Transpose(value, kept + features, result);
        node.Graph.ReplaceAllUses(node.Outputs[0], value);
        node.Graph.Remove(node);
        return Rewrite.Applied("became a MatMul");

        long SizeOf(char letter) => weights.Dims[w.IndexOf(letter, StringComparison.Ordinal)];

        long Size(string letters) => letters.Aggregate(1L, (size, letter) => size * SizeOf(letter));

        Value Transpose(Value source, string from, string to)
        {
            Value turned = Insert("Transpose", source);
            turned.Producer!.Attributes.Set(new NodeAttribute("perm", to.Select(letter => (long)from.IndexOf(letter, StringComparison.Ordinal)).ToArray()));
            return turned;
        }

        // A size of 0 is that of the input.
        Value Reshape(Value source, string unchanged, long[] sizes) =>
            Insert("Reshape", source, node.Graph.AddInitializer("sizes", Tensor.Vector<long>([.. unchanged.Select(_ => 0L), .. sizes])));

        Value Insert(string opType, params ReadOnlySpan<Value?> inputs) => node.Graph.AddNode(opType, inputs, 1, "", node.Name.Length > 0 ? $"{node.Name}_{opType}" : "", node).Outputs[0];
    }

    private static string Only(string letters, Func<char, bool> condition) => string.Concat(letters.Where(condition));
}
