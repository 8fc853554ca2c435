using ModelCompiler.Onnx;

namespace ModelCompiler.Optimizer.Passes.Fusion.Products;

/// <summary>
/// Aᵀ·B = Gemm(A, B; transA = 1): a Transpose of a matrix that only a product reads. A MatMul of matrices becomes a Gemm for it.
/// </summary>
public sealed class TransposeIntoGemm : RewritePass
{
    private static readonly string[] Flags = ["transA", "transB"];

    /// <inheritdoc/>
    public override string Name => "transpose-into-gemm";

    /// <inheritdoc/>
    protected override Rewrite Visit(Node node, PassContext context)
    {
        bool isMatMul = node.Is("MatMul");
        if (!isMatMul && !node.Is("Gemm")) return Rewrite.None;
        if (isMatMul && (node.Input(0)?.Shape is not { Rank: 2 } || node.Input(1)?.Shape is not { Rank: 2 })) return Rewrite.None;
        if (isMatMul && node.Inputs[0]!.ElementType is not (ElementType.Float or ElementType.Double)) return Rewrite.None;
        int[] operands = [.. Enumerable.Range(0, 2).Where(i => node.Input(i) is { Producer: { } transpose, HasSingleUse: true } && IsMatrixTranspose(transpose))];
        if (operands.Length == 0) return Rewrite.None;
        Node gemm = isMatMul ? ToGemm(node) : node;
        foreach (int i in operands)
        {
            Node transpose = gemm.Inputs[i]!.Producer!;
            gemm.SetInput(i, transpose.Input(0));
            gemm.Attributes.Set(Flags[i], 1 - gemm.Attributes.GetInt(Flags[i], 0));
            transpose.Graph.Remove(transpose);
        }
        return Rewrite.Applied("took over the transposition of its operands");
    }

    private static bool IsMatrixTranspose(Node node) => node.Is("Transpose")
        && (node.Attributes.GetInts("perm") is { } permutation ? permutation is [1, 0] : node.Input(0)?.Shape?.Rank == 2);

    private static Node ToGemm(Node matMul)
    {
        Graph graph = matMul.Graph;
        Node gemm = graph.AddNode("Gemm", [matMul.Input(0), matMul.Input(1)], name: matMul.Name, before: matMul);
        gemm.Output.Type = matMul.Outputs[0].Type;
        graph.ReplaceAllUses(matMul.Outputs[0], gemm.Output);
        graph.Remove(matMul);
        return gemm;
    }
}
