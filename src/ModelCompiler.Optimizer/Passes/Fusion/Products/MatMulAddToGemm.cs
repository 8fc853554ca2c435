using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes.Fusion.Matching;

namespace ModelCompiler.Optimizer.Passes.Fusion.Products;

/// <summary>
/// A·B + C = Gemm(A, B, C) for matrices, and Gemm(A, B) + C likewise: the sum costs nothing in the product's kernel, and becomes the int32
/// bias of an integer one. Requires that C broadcasts to the product and not the other way round, and is constant where a factor is: with a sum
/// that is computed, as at the end of a residual, no product runs on integers, and ONNX Runtime joins the two at load where they stay in float.
/// </summary>
public sealed class MatMulAddToGemm : RewritePass
{
    /// <inheritdoc/>
    public override string Name => "matmul-add-to-gemm";

    /// <inheritdoc/>
    protected override Rewrite Visit(Node node, PassContext context)
    {
        if (!node.Is("Add")) return Rewrite.None;
        for (int i = 0; i < 2; i++)
        {
            if (node.Input(i)?.Producer is not { } product || !ReferenceEquals(product.Graph, node.Graph) || !IsOpenProduct(product)) continue;
            if (ShapeOf(product) is not var (rows, columns)) continue;
            Value bias = node.Input(1 - i)!;
            if (!Broadcasts(bias.Shape, rows, columns)) continue;
            if (bias.Initializer is null && (product.Constant(0) ?? product.Constant(1)) is not null) return Rewrite.Refused("its weights may run on integers, and the other summand is computed");
            if (Sharing.Reason(product.Outputs[0]) is { } shared) return Rewrite.Refused(shared);
            Fuse(node, product, bias);
            return Rewrite.Applied($"joined '{product}' in a Gemm");
        }
        return Rewrite.None;
    }

    private static bool IsOpenProduct(Node node) =>
        (node.Is("MatMul") || (node.Is("Gemm") && node.Input(2) is null)) && node.Inputs[0]!.ElementType is ElementType.Float or ElementType.Double;

    private static (Dim Rows, Dim Columns)? ShapeOf(Node product)
    {
        if (product.Input(0)?.Shape is not { Rank: 2 } a || product.Input(1)?.Shape is not { Rank: 2 } b) return null;
        bool isATransposed = product.Attributes.GetInt("transA", 0) != 0, isBTransposed = product.Attributes.GetInt("transB", 0) != 0;
        return (a[isATransposed ? 1 : 0], b[isBTransposed ? 0 : 1]);
    }

    private static bool Broadcasts(Shape? bias, Dim rows, Dim columns) => bias?.Rank switch
    {
        0 => true,
        1 => Fits(bias[0], columns),
        2 => Fits(bias[0], rows) && Fits(bias[1], columns),
        _ => false,
    };

    // A product of one row or column would be the one that is broadcast.
    private static bool Fits(Dim bias, Dim product) => bias.ValueOrNull == 1 || bias.IsSame(product);

    private static void Fuse(Node add, Node product, Value bias)
    {
        Graph graph = add.Graph;
        // In the place of the sum, where the bias is already computed.
        Node gemm = graph.AddNode("Gemm", [product.Input(0), product.Input(1), bias], name: product.Name, before: add);
        foreach (NodeAttribute attribute in product.Attributes)
            if (attribute.Name is "transA" or "transB" or "alpha") gemm.Attributes.Set(attribute);
        gemm.Output.Type = add.Outputs[0].Type;
        graph.ReplaceAllUses(add.Outputs[0], gemm.Output);
        graph.Remove(add);
        graph.Remove(product);
    }
}
